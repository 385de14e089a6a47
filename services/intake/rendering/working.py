"""What the rendering process does with its order, and how it says what came of it.

An order is JSON: ["draw", type, page, width] or ["find", page to begin at, text]. The result is an image, or JSON:
what was found, or {"refused": cause, "pages": number}.
"""

import json
from typing import Any, BinaryIO

from services.intake.rendering.refused import DAMAGED, TOO_LARGE, Refused


def work(file: BinaryIO, size: int, order: bytes) -> bytes:
    """The result of an order; whatever the libraries stumble over is said, never raised."""
    try:
        return _work(file, size, *json.loads(order))
    except Refused as why:
        return _refusal(why.cause, why.pages)
    except MemoryError:
        return _refusal(TOO_LARGE)
    except Exception:  # a library met what it does not know
        return _refusal(DAMAGED)


def prepare() -> None:
    """Load what any order needs, while nobody waits for it."""
    from PIL import Image

    from services.intake.rendering import images, pdf, pdf_text  # noqa: F401
    from services.intake.rendering.compact import compact

    pdf.initialise()
    for one in (Image.new("RGB", (9, 9)), Image.effect_noise((9, 9), 99)):
        compact(one)


def _work(file: BinaryIO, size: int, what: str, *details: Any) -> bytes:
    # Each loads what it needs: a page of a PDF waits for no library for photographs.
    if what == "find":
        from services.intake.rendering.pdf_text import find

        return json.dumps(find(file, size, *details)).encode()
    type, page, width = details
    if type == "pdf":
        from services.intake.rendering.pdf import draw_page

        image = draw_page(file, size, page, width)
    else:
        from services.intake.rendering.images import draw_image

        image = draw_image(file, type, page, width)
    from services.intake.rendering.compact import compact

    return compact(image)


def _refusal(cause: str, pages: int | None = None) -> bytes:
    return json.dumps({"refused": cause, "pages": pages}).encode()
