"""How the members of a zip archive lie in it: whoever reads it from the front must find what its table says."""

import struct
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from services.intake.domain.file_types import HEAD
from services.intake.domain.inspection import AMBIGUOUS
from services.intake.inspection.notes import Notes
from services.intake.inspection.pieces import read_at
from services.intake.inspection.polyglots import archives

LOCAL_HEADER = 30
MAGIC = b"PK\x03\x04"
MOST_GAP = 1 << 20
_HEADER = struct.Struct("<8xH8xI4xHH")
"""Of a member's header: how it is packed, to how many bytes, the length of its name, and that of what else is said."""
IN_ZIP64 = 0xFFFFFFFF


class Member(NamedTuple):
    """Where a member's header, its bytes, and what follows them begin; and whether they stand there as they are."""

    header: int
    start: int
    stop: int
    is_stored: bool


def mark_layout(file: BinaryIO, archive: zipfile.ZipFile, end: int, notes: Notes) -> None:
    """Say whether programs find other members than its table names, or something else than what ends there."""
    members = list(_members(file, archive, notes))
    if any(MAGIC in gap for gap in _gaps(file, members, archive.start_dir)):
        notes.mark(AMBIGUOUS, f"{notes.description} and members that its table does not name")
    for found in archives(file):
        if found.stop != end and not any(
            each.start <= found.start and found.stop <= each.stop for each in members
        ):
            notes.mark(AMBIGUOUS, f"{notes.description} and {found.kind}")
    pdf = read_at(file, 0, HEAD).find(b"%PDF-")
    if pdf >= 0 and (notes.type != "zip" or not _is_in_member(pdf, members)):
        notes.mark(AMBIGUOUS, f"{notes.description} and a PDF")


def _is_in_member(at: int, members: Sequence[Member]) -> bool:
    """Whether what readers find there stands in a file of the archive that is stored as it is."""
    return any(each.is_stored and each.start <= at < each.stop for each in members)


def _gaps(file: BinaryIO, members: Sequence[Member], table: int) -> Iterator[bytes]:
    """What stands between the members, and before the table."""
    at = members[0].header if members else table
    for header, stop in (*((each.header, each.stop) for each in members), (table, 0)):
        yield read_at(file, at, min(max(header - at, 0), MOST_GAP))
        at = max(at, stop)


def _members(file: BinaryIO, archive: zipfile.ZipFile, notes: Notes) -> Iterator[Member]:
    """Every member, from the front; a mark when its own header says something else than the table."""
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        header = read_at(file, entry.header_offset, LOCAL_HEADER)
        if header[:4] == MAGIC and len(header) == LOCAL_HEADER:
            packed, length, name, extra = _HEADER.unpack(header)
            is_other = bool(entry.file_size) and packed != entry.compress_type
            if is_other or length not in (0, IN_ZIP64, entry.compress_size):
                notes.mark(AMBIGUOUS, f"{notes.description} and another one, for who reads it from the front")
            start = entry.header_offset + LOCAL_HEADER + name + extra
            yield Member(
                entry.header_offset, start, start + entry.compress_size, packed == zipfile.ZIP_STORED
            )
