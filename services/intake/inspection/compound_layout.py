"""How far the sectors of a compound file reach ([MS-CFB] 2.1 to 2.3): a file that ends before is not whole."""

from collections.abc import Iterator
from typing import Any

LAST = 0xFFFFFFFA
"""The last number that is one of a sector: those behind it say what a sector is."""
DIFAT, FAT = 0xFFFFFFFC, 0xFFFFFFFD
STREAM, ROOT = 2, 5


def content_end(ole: Any) -> int:
    """Where the file may end: its tables are whole sectors, of a stream's last one only what the stream has counts."""
    size = ole.sectorsize
    tables = (n for n, following in enumerate(ole.fat) if following in (DIFAT, FAT))
    ends = [(n + 2) * size for n in tables]
    seen: set[int] = set()
    for first, length in _chains(ole):
        ends.append(_chain_end(ole, first, length, seen))
    return int(max(ends, default=size))


def _chains(ole: Any) -> Iterator[tuple[int, int]]:
    """The first sector of everything that has sectors of its own, and how many bytes it takes."""
    whole = len(ole.fat) * ole.sectorsize
    yield ole.first_dir_sector, whole
    yield ole.first_mini_fat_sector, whole
    for entry in filter(None, ole.direntries):
        is_small = entry.entry_type == STREAM and entry.size < ole.minisectorcutoff
        if entry.entry_type in (STREAM, ROOT) and not is_small:
            yield entry.isectStart, entry.size


def _chain_end(ole: Any, sector: int, length: int, seen: set[int]) -> int:
    """Where the furthest sector of a chain ends; no sector is gone through twice, so that damage makes no loop."""
    size, end = ole.sectorsize, 0
    while length > 0 and sector <= LAST and sector not in seen:
        seen.add(sector)
        end = max(end, (sector + 1) * size + min(length, size))
        length -= size
        sector = ole.fat[sector] if sector < len(ole.fat) else LAST + 1
    return end
