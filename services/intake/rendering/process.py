"""Drawing and searching, in a process apart."""

import atexit
import json
from typing import BinaryIO

import msgspec

from services.intake.apart.process import Bounds, Died, Exhausted, Interrupted
from services.intake.apart.spare import Spare
from services.intake.domain import page_images
from services.intake.domain.page_images import DAMAGED, TOO_LARGE, Found, PageImage
from shared.core.errors import AppError, TryLater

WHAT = "services.intake.rendering"
BOUNDS = Bounds(memory=512 * 1024 * 1024, cpu=8, wall=20.0, result=16 * 1024 * 1024)

SPARE = Spare(WHAT)
"""A third of the time until a page is there is that until the libraries are."""
atexit.register(SPARE.end)


class _Refused(msgspec.Struct):
    refused: str
    pages: int | None


def draw(file: BinaryIO, size: int, type: str, wanted: PageImage, bounds: Bounds) -> bytes:
    """The image of a page; an AppError says why there is none."""
    result = _ask(["draw", type, wanted.page, wanted.width], file, size, bounds)
    if page_images.media_type(result) is None:
        raise _refusal(result)
    return result


def find(file: BinaryIO, size: int, start: int, text: str, bounds: Bounds) -> Found:
    """Where a text stands in a PDF, from that page on; an AppError says why nobody can look."""
    result = _ask(["find", start, text], file, size, bounds)
    try:
        return msgspec.json.decode(result, type=Found)
    except msgspec.MsgspecError:
        raise _refusal(result) from None


def _ask(order: list[str | int], file: BinaryIO, size: int, bounds: Bounds) -> bytes:
    try:
        return SPARE.ask(json.dumps(order).encode(), file, size, bounds)
    except (Exhausted, Died):
        raise page_images.refusal(TOO_LARGE) from None
    except Interrupted as why:
        raise TryLater("Drawing was interrupted: ask for the same page again.") from why


def _refusal(result: bytes) -> AppError:
    try:
        said = msgspec.json.decode(result, type=_Refused)
    except msgspec.MsgspecError:
        return page_images.refusal(DAMAGED)
    return page_images.refusal(said.refused, said.pages)
