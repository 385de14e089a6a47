"""Pieces of a file that may be large, and what of another kind may stand in them."""

import re
from collections.abc import Iterator
from typing import BinaryIO

PIECE = 1 << 20
FAR = 64 * 1024
OVERLAP = 64

_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (rb"PK\x03\x04", "a zip archive"),
    (rb"%PDF-\d", "a PDF"),
    (rb"Rar!\x1a\x07", "a RAR archive"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (rb"(?s)MZ.{0,1024}This program", "a Windows program"),
    (rb"\x7fELF[\x01\x02][\x01\x02]\x01", "a Linux program"),
    (rb"(?i)<(?:!doctype\s+html|html\b|script\b|svg\b|iframe\b|\?php)", "a web page"),
)


def read_at(file: BinaryIO, start: int, count: int) -> bytes:
    """So many bytes from there, fewer at the end."""
    file.seek(start)
    return file.read(count)


def find_last(file: BinaryIO, what: bytes, stop: int) -> int:
    """Where the last occurrence of a few bytes before `stop` begins; -1 when there is none."""
    while stop > 0:
        start = max(stop - PIECE, 0)
        found = read_at(file, start, stop - start).rfind(what)
        if found >= 0:
            return start + found
        stop = start + len(what) - 1 if start else 0
    return -1


def stranger(data: bytes) -> str | None:
    """What of another kind stands in these bytes, if anything that programs would find there."""
    for pattern, name in _STRANGERS:
        if re.search(pattern, data):
            return name
    return None


def stranger_between(file: BinaryIO, start: int, stop: int) -> str | None:
    """What of another kind stands at the beginning or the end of a part of the file."""
    first = stranger(read_at(file, start, min(stop - start, FAR)))
    return first or stranger(read_at(file, max(start, stop - FAR), min(stop - start, FAR)))


def contains(file: BinaryIO, pattern: re.Pattern[bytes], start: int, stop: int) -> bool:
    """Whether a part of the file has something of a few bytes."""
    before = b""
    for piece in chunks(file, start, stop):
        if pattern.search(before + piece):
            return True
        before = piece[-OVERLAP:]
    return False


def blank(data: bytes) -> bool:
    """Whether bytes say nothing."""
    return not data.strip(b"\0\t\n\r\f \x1a")


def chunks(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    """A part of the file, piece by piece."""
    while start < stop and (piece := read_at(file, start, min(PIECE, stop - start))):
        yield piece
        start += len(piece)
