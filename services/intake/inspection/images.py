"""Images, decoded by Pillow to their last line; what follows their end is looked at too."""

import re
import warnings
from collections.abc import Callable, Mapping
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from services.intake.domain.inspection import AMBIGUOUS, TRUNCATED, UNREADABLE
from services.intake.inspection.notes import Notes
from services.intake.inspection.pieces import contains, read_at
from services.intake.inspection.polyglots import mark_archives, mark_pdf

FORMATS = {"png": "PNG", "jpeg": "JPEG", "gif": "GIF", "webp": "WEBP", "tiff": "TIFF"}
MOST_PIXELS = 80_000_000
"""Pixels that are decoded: a page of A2 at 600 dots an inch in three colours, in a quarter of a gigabyte."""
MOST_FRAMES = 2000

Image.MAX_IMAGE_PIXELS = None


def inspect_image(file: BinaryIO, size: int, notes: Notes) -> None:
    """Decode it, and look for what does not belong into it."""
    is_shown = False
    try:
        _decode(file, notes)
        is_shown = True
    except UnidentifiedImageError:
        notes.mark(UNREADABLE, "behind its first bytes there is no image")
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        OverflowError,
    ) as why:
        truncated = "truncated" in str(why).lower() or "unpack" in str(why) or isinstance(why, EOFError)
        notes.mark(TRUNCATED if truncated else UNREADABLE, why)
    if find_end := _ENDS.get(notes.type or ""):
        end = find_end(file, size)
        if is_shown and end > size:
            notes.mark(TRUNCATED, "its end is missing")
        notes.mark_outside(file, min(end, size), size)
    _mark_second(file, size, notes)


def _decode(file: BinaryIO, notes: Notes) -> None:
    file.seek(0)
    warnings.simplefilter("ignore")  # nobody reads them, and they keep nothing from being shown
    with Image.open(file, formats=[FORMATS[notes.type or ""]]) as image:
        notes.pages = min(getattr(image, "n_frames", 1), MOST_FRAMES) if notes.type == "tiff" else 1
        for frame in range(notes.pages):
            image.seek(frame)
            image.draft("RGB", (image.width // 8, image.height // 8))
            if image.width * image.height > MOST_PIXELS:
                notes.mark("not-examined", f"{image.width} by {image.height} pixels are too many")
            else:
                image.load()


def _mark_second(file: BinaryIO, size: int, notes: Notes) -> None:
    """Say whether it is an archive, a PDF or a script as well; no browser looks for a page in a picture."""
    mark_pdf(file, size, notes)
    mark_archives(file, notes)
    # A picture whose first number is spelt "/*" and that closes the comment is a script to a browser.
    if b"/*" in read_at(file, 4, 4) and contains(file, re.compile(rb"\*/"), 8, size):
        notes.mark(AMBIGUOUS, f"{notes.description} and a script")


def _end_of_png(file: BinaryIO, size: int) -> int:
    at = 8
    while at < size:
        header = read_at(file, at, 8)
        at += 12 + int.from_bytes(header[:4], "big")
        if header[4:] == b"IEND":
            return at
    return size + 1


def _end_of_jpeg(file: BinaryIO, size: int) -> int:
    """After the first EOI that is none of a thumbnail's: segments are jumped over, scans are read through."""
    at = 2
    while at < size:
        marker = re.search(rb"\xff+([^\xff\x00\xd0-\xd7])(..)?", read_at(file, at, 1 << 20), re.DOTALL)
        if marker is None:
            at += (1 << 20) - 1
        elif marker[1] == b"\xd9":
            return at + marker.start(1) + 1
        else:
            at += marker.start(1) + 1 + int.from_bytes(marker[2] or b"", "big")
    return size


def _end_of_gif(file: BinaryIO, size: int) -> int:
    header = read_at(file, 0, 13)
    at = 13 + _table(header[10])
    while at < size:
        block = read_at(file, at, 10)
        if block[:1] == b"!":
            at = _after_blocks(file, at + 2, size)
        elif block[:1] == b",":
            at = _after_blocks(file, at + 11 + _table(block[9]), size)
        else:
            return at + 1
    return size + 1


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(file: BinaryIO, at: int, size: int) -> int:
    while at < size and (length := read_at(file, at, 1)[0]):
        at += 1 + length
    return at + 1


def _end_of_webp(file: BinaryIO, size: int) -> int:
    length = int.from_bytes(read_at(file, 4, 4), "little")
    return 8 + length + length % 2


_ENDS: Mapping[str, Callable[[BinaryIO, int], int]] = {
    "png": _end_of_png,
    "jpeg": _end_of_jpeg,
    "gif": _end_of_gif,
    "webp": _end_of_webp,
}
