"""Films and pictures of boxes (ISO/IEC 14496-12): MP4 and HEIC."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from services.intake.domain.inspection import TRUNCATED, UNREADABLE
from services.intake.inspection.heif import NOTHING, children, mark_pictures
from services.intake.inspection.notes import Notes
from services.intake.inspection.pieces import read_at
from services.intake.inspection.polyglots import mark_archives, mark_pdf

NEEDED = {"mp4": ("moov",), "heic": ("meta", "moov")}
MOST_TABLE = 64 * 1024 * 1024
KNOWN = {
    *("ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "uuid"),
    *("meta", "mfra", "sidx", "ssix", "prft", "pdin", "emsg", "idat", "udta"),
}
MOST_BOXES = 200_000
_ON_THE_WAY = frozenset({"trak", "mdia", "minf", "stbl"})
_CHUNKS = {"stco": 4, "co64": 8}


class Box(NamedTuple):
    """A box: its name, where its content begins, and where it ends."""

    name: str
    start: int
    end: int


def inspect_boxes(file: BinaryIO, size: int, notes: Notes) -> None:
    """Walk through its outermost boxes: they must reach its end, and one must say what is in the others."""
    notes.pages = 1 if notes.type == "heic" else None
    boxes = list(_boxes(file, size))
    end = boxes[-1].end if boxes else size
    tables = [box for box in boxes if box.name in NEEDED[notes.type or ""]]
    if not tables:
        missing = "a part of it is missing" if end > size else NOTHING
        notes.mark(TRUNCATED if end > size else UNREADABLE, missing)
    elif end > size:
        notes.mark(TRUNCATED, f"{end - size} bytes are missing")
    else:
        _mark_content(file, size, tables[0], notes)
    notes.mark_outside(file, min(end, size), size)
    mark_pdf(file, size, notes)
    mark_archives(file, notes)


def _mark_content(file: BinaryIO, size: int, table: Box, notes: Notes) -> None:
    """Say whether what the table speaks of lies in the file."""
    content = read_at(file, table.start, min(table.end - table.start, MOST_TABLE))
    if table.name == "meta":
        mark_pictures(content, file, size, notes)
        return
    if {"mvhd", "trak"} - {name for name, _ in children(content)}:
        notes.mark(UNREADABLE, NOTHING)
    elif any(place >= size for place in _chunks_of(content)):
        notes.mark(TRUNCATED, "a part of it is missing")


def _chunks_of(content: bytes) -> Iterator[int]:
    """Where each chunk of a film's tracks begins (sections 8.7.5 and 8.3.1)."""
    for name, inner in children(content):
        if name in _ON_THE_WAY:
            yield from _chunks_of(inner)
        elif name in _CHUNKS:
            numbers = memoryview(inner)[8 : 8 + int.from_bytes(inner[4:8], "big") * _CHUNKS[name]]
            width = _CHUNKS[name]
            yield from (
                int.from_bytes(numbers[at : at + width], "big") for at in range(0, len(numbers), width)
            )


def _boxes(file: BinaryIO, size: int) -> Iterator[Box]:
    """Each outermost box, up to the first that is none."""
    at = 0
    for _ in range(MOST_BOXES):
        header = read_at(file, at, 16)
        name, length = header[4:8].decode("latin-1"), int.from_bytes(header[:4], "big")
        start = at + (16 if length == 1 else 8)
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        end = at + length if length else size
        if len(header) < 8 or 0 < length < 8 or (end > size and name not in KNOWN) or not name.isprintable():
            return
        yield Box(name, start, end)
        at = end
