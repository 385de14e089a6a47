"""The pictures of a HEIF file (ISO/IEC 23008-12): where they lie, by the tables of its `meta` box."""

import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from services.intake.domain.inspection import TRUNCATED, UNREADABLE
from services.intake.inspection.notes import Notes
from services.intake.inspection.pieces import read_at

NOTHING = "nothing in it can be played or shown"
IN_FILE = 0
UNKNOWN = 1 << 32
_CODED = ("hvc1", "hev1", "lhv1")

Extents = list[tuple[int, int, int]]
"""How they are counted, offset and length of each stretch of bytes of a picture; 0 reaches to the end."""


def children(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each box inside of another one, up to the first that is none."""
    at = 0
    while at + 8 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        head = 16 if length == 1 else 8
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big")
        length = length or len(content) - at
        if length < head or at + length > len(content):
            return
        yield name.decode("latin-1"), content[at + head : at + length]
        at += length


def mark_pictures(meta: bytes, file: BinaryIO, size: int, notes: Notes) -> None:
    """Say whether the picture that is shown, and all others, lie in the file."""
    boxes = dict(children(meta[4:]))
    try:
        places = dict(_places(_Table(boxes["iloc"])))
        shown = _Table(boxes["pitm"]).full(2)
        kinds = dict(_kinds(boxes["iinf"]))
    except (KeyError, ValueError):
        notes.mark(UNREADABLE, NOTHING)
        return
    missing = max((offset + length for _, offset, length in _in_file(places)), default=0) - size
    if missing > 0:
        notes.mark(TRUNCATED, f"{missing} bytes are missing")
    elif shown not in kinds or not any(_has_bytes(extent, size) for extent in places.get(shown, [])):
        notes.mark(UNREADABLE, NOTHING)
    elif not all(_is_coded(file, places.get(item, [])) for item, kind in kinds.items() if kind in _CODED):
        notes.mark(UNREADABLE, "where it says that its picture lies there is none")


def _has_bytes(extent: tuple[int, int, int], size: int) -> bool:
    counted, offset, _ = extent
    return counted != IN_FILE or offset < size


def _in_file(places: Mapping[int, Extents]) -> Iterator[tuple[int, int, int]]:
    for extents in places.values():
        yield from (extent for extent in extents if extent[0] == IN_FILE)


class _Table:
    """The numbers of a box that has a version, one after the other; ValueError behind the last."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0
        self.version = self.number(4) >> 24

    def number(self, size: int) -> int:
        """The next number of so many bytes; 0 of none."""
        if self._at + size > len(self._content):
            raise ValueError("a table is cut")
        self._at += size
        return int.from_bytes(self._content[self._at - size : self._at], "big")

    def full(self, size: int) -> int:
        """A number that has twice as many bytes from the version on that brought large ones."""
        return self.number(size if self.version == 0 else 2 * size)


def _places(table: _Table) -> Iterator[tuple[int, Extents]]:
    """Each picture's number, and where its bytes lie (section 8.11.3 of ISO/IEC 14496-12)."""
    sizes = table.number(2)
    of_offset, of_length, of_base, of_index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if table.version == 2 else 2
    for _ in range(table.number(wide)):
        item = table.number(wide)
        counted = table.number(2) & 15 if table.version else IN_FILE
        is_elsewhere = table.number(2)
        base = table.number(of_base)
        extents: Extents = []
        for _ in range(table.number(2)):
            table.number(of_index if table.version else 0)
            extents.append((counted, base + table.number(of_offset), table.number(of_length)))
        yield item, [] if is_elsewhere else extents


def _kinds(content: bytes) -> Iterator[tuple[int, str]]:
    """Each picture's number and kind (section 8.11.6), of the versions that HEIF has."""
    table = _Table(content)
    table.full(2)
    for name, entry in children(content[6 if table.version == 0 else 8 :]):
        if name == "infe":
            row = _Table(entry)
            item = row.number(4 if row.version == 3 else 2)
            row.number(2)
            yield item, row.number(4).to_bytes(4, "big").decode("latin-1")


def _is_coded(file: BinaryIO, extents: Extents) -> bool:
    """Whether a coded picture begins there: with the length of its first unit, and that unit (ISO/IEC 14496-15)."""
    if not extents or extents[0][0] != IN_FILE:
        return bool(extents)
    head = read_at(file, extents[0][1], 5)
    whole = sum(length for _, _, length in extents) or UNKNOWN
    return len(head) == 5 and 2 <= int.from_bytes(head[:4], "big") <= whole - 4 and head[4] < 0x80
