"""What else programs would open a file of another kind as, wherever that stands in it."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.intake.domain.file_types import HEAD
from services.intake.domain.inspection import AMBIGUOUS
from services.intake.inspection.notes import Notes
from services.intake.inspection.pieces import FAR, contains, read_at
from shared.core.pieces import PiecewiseFile

END_RECORD = 22
STUB = 4 * 1024 * 1024
"""How far from the beginning programs look for an archive behind a program that unpacks it."""
SAMPLE = 64

_PACKED = re.compile(
    rb"(?P<RAR>Rar!\x1a\x07[\x00\x01])|(?P<zip7>7z\xbc\xaf\x27\x1c\x00)|(?P<cab>MSCF\0\0\0\0)"
)
_NAMES = {"RAR": "a RAR archive", "zip7": "a 7-Zip archive", "cab": "a cabinet archive"}
_AT_PLACES = ((257, b"ustar", "a tar archive"), (0x8001, b"CD001", "the image of a disk"))
"""What is told by bytes at one place in it, whatever it begins with."""
_PDF_OBJECT = re.compile(rb"\d\s+obj\b")
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError)


@dataclass(frozen=True)
class Found:
    """An archive in a file: what it is, and which bytes of the file show it."""

    kind: str
    start: int
    stop: int
    copies: int = 1

    def is_in(self, file: BinaryIO, contents: Iterable[bytes]) -> bool:
        """Whether it stands in these contents, which the file holds: each copy of it, where its end is not known."""
        its = read_at(file, self.start, self.stop - self.start)
        return sum(content.count(its) for content in contents) >= self.copies


class _Until(PiecewiseFile):
    """A file as if it ended there."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        super().__init__(end)
        self._file = file

    def fetch(self, at: int, most: int) -> bytes:
        return read_at(self._file, at, max(min(most, self._size - at), 0))


def archives(file: BinaryIO) -> Iterator[Found]:
    """Every archive that a program would open: zip by any end that it may have, others by their beginning."""
    size = file.seek(0, io.SEEK_END)
    tail = max(size - FAR - END_RECORD, 0)
    for end in re.finditer(rb"PK\x05\x06", read_at(file, tail, size - tail)):
        start = _first_member(file, tail + end.start())
        if start is not None:
            yield Found("a zip archive", start, min(tail + end.start() + END_RECORD, size))
    for at, mark, kind in _AT_PLACES:
        if read_at(file, at, len(mark)) == mark:
            yield Found(kind, 0, at + len(mark))
    yield from _packed(read_at(file, 0, STUB))


def mark_archives(file: BinaryIO, notes: Notes, contents: Callable[[], Iterable[bytes]] = tuple) -> None:
    """Say which archives a file is as well; what stands in its contents is a file attached to it."""
    for found in archives(file):
        code = "attachments" if found.is_in(file, contents()) else AMBIGUOUS
        notes.mark(code, f"{notes.description} and {found.kind}")


def mark_pdf(file: BinaryIO, size: int, notes: Notes) -> None:
    """Say that a file is a PDF as well: one begins where readers look for it, and objects follow."""
    if b"%PDF-" in read_at(file, 0, HEAD) and contains(file, _PDF_OBJECT, 0, size):
        notes.mark(AMBIGUOUS, f"{notes.description} and a PDF")


def _packed(data: bytes) -> Iterator[Found]:
    for begin in _PACKED.finditer(data):
        start, stop = begin.start(), begin.start() + SAMPLE
        yield Found(_NAMES[begin.lastgroup or ""], start, stop, data.count(data[start:stop]))


def _first_member(file: BinaryIO, end: int) -> int | None:
    """Where the first member of the archive that ends there begins; None when it opens as none."""
    try:
        with zipfile.ZipFile(io.BufferedReader(_Until(file, end + END_RECORD))) as archive:
            starts = (entry.header_offset for entry in archive.infolist())
            return min((start for start in starts if read_at(file, start, 4) == b"PK\x03\x04"), default=None)
    except _UNREADABLE:
        # Some programs believe the place that the record names, whatever lies between.
        table = int.from_bytes(read_at(file, end + 16, 4), "little")
        return 0 if read_at(file, table, 4) == b"PK\x01\x02" else None
