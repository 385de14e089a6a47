"""Pictures and the pages of TIFF, decoded by Pillow, turned as their camera says, and made smaller."""

import warnings
from typing import Any, BinaryIO

from PIL import Image

from services.intake.rendering.refused import NO_PAGE, TOO_LARGE, Refused
from services.intake.rendering.sizes import fit

MOST_PIXELS = 80_000_000
"""Pixels that are decoded, as many as at the inspection."""
TO_A_BYTE = 1 / 256
ORIENTATION = 0x0112
"""Where EXIF says how the camera was held."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = frozenset({_TURNS[turn] for turn in (5, 6, 7, 8)})

Image.MAX_IMAGE_PIXELS = None


def draw_image(file: BinaryIO, type: str, number: int, width: int) -> Image.Image:
    """The image of a page, never larger than it is."""
    warnings.simplefilter("ignore")  # nobody reads them, and they keep nothing from being shown
    with Image.open(file, formats=[type.upper()]) as image:
        _turn_to(image, number)
        if image.width * image.height > MOST_PIXELS:
            raise Refused(TOO_LARGE)
        image.draft("RGB", (width, width))
        image.load()
        turn = _TURNS.get(image.getexif().get(ORIENTATION, 1))
        shown = _smaller(_plain(image), width, turn in _LYING)
    return shown if turn is None else shown.transpose(turn)


def _smaller(image: Image.Image, width: int, is_lying: bool) -> Image.Image:
    """The image as wide as is wanted, high where it lies, but no larger than it is."""
    sides = (image.height, image.width) if is_lying else image.size
    across, down = fit(*sides, min(width, sides[0]))
    size = (down, across) if is_lying else (across, down)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0) if size != image.size else image


def _turn_to(image: Image.Image, number: int) -> None:
    # A picture that moves has one page; only TIFF has several.
    pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    if not 1 <= number <= pages:
        raise Refused(NO_PAGE, pages)
    image.seek(number - 1)


def _plain(image: Image.Image) -> Image.Image:
    """The image in grey or colours, before white where one can see through it."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image  # a copy would take as much memory again
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * TO_A_BYTE).convert("L")
    if image.mode in ("I", "F"):
        return _stretched(image)
    if "A" in image.getbands() or "transparency" in image.info:
        seen = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    return image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """Numbers that are no shades yet, from the least as black to the largest as white."""
    extremes: Any = image.getextrema()
    least, most = extremes
    scale = 255 / ((most - least) or 1)
    return image.point(lambda value: value * scale - least * scale).convert("L")
