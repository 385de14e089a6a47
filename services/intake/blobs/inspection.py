"""What a file is by its content, reading a few pieces of it only; the domain says what the pieces mean."""

import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

from services.intake.domain import Inspection, file_types
from services.intake.domain.file_types import Content

HEAD = 4096
TAIL = file_types.END_RECORD + 65535
LONGEST_READ = 512 * 1024
"""The largest table of contents of a zip that is read, in bytes: some five thousand entries."""
LONGEST_MIMETYPE = 100
MOST_SECTORS = 64

_DAMAGE = (zipfile.BadZipFile, struct.error, ValueError, EOFError, OSError, RuntimeError)
_NO_SECTOR = 0xFFFFFFFA


def inspect_file(file: BinaryIO, size: int, sha256: str) -> Inspection:
    """What the file is by its content; a file that is two things at once, or damaged, has a defect."""
    head = _read_at(file, 0, HEAD)
    content = _inspect_container(file, size, head) or file_types.identify_by_signature(head)
    defect = content.defect or file_types.second_type(content, head, _tail(file, size))
    return Inspection(sha256, content.type, content.description, defect)


def _inspect_container(file: BinaryIO, size: int, head: bytes) -> Content | None:
    for magic, inspect in ((file_types.ZIP_MAGIC, _inspect_zip), (file_types.OLE_MAGIC, _inspect_ole)):
        if head.startswith(magic):
            return _inspect_with_care(inspect, file, size)
    return None


def _inspect_with_care(inspect: Callable[[BinaryIO, int], Content], file: BinaryIO, size: int) -> Content:
    """What a container is, whatever somebody wrote into it."""
    try:
        return inspect(file, size)
    except _DAMAGE as why:
        return file_types.damaged_container(why)


# zip: Office Open XML, OpenDocument, or an archive


def _inspect_zip(file: BinaryIO, size: int) -> Content:
    if not file_types.ends_as_zip(_tail(file, size)):
        return file_types.defective_zip("something follows its end, or its end is missing")
    with zipfile.ZipFile(_Bounded(file)) as archive:
        entries = archive.infolist()
        if not entries or min(entry.header_offset for entry in entries) != 0:
            return file_types.defective_zip("it is empty, or something stands before its beginning")
        return file_types.identify_zip({entry.filename for entry in entries}, _mimetype(archive))


def _mimetype(archive: zipfile.ZipFile) -> bytes:
    """What the entry `mimetype` says; b"" when it is not the short, uncompressed one of OpenDocument."""
    entry = archive.NameToInfo.get("mimetype")
    if entry and entry.compress_type == zipfile.ZIP_STORED and entry.file_size <= LONGEST_MIMETYPE:
        return archive.read(entry)
    return b""


class _Bounded:
    """A file that refuses to hand out much at once, so that no table of contents fills the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, count: int = -1) -> bytes:
        """Read, but not more than a table of contents may have."""
        if count > LONGEST_READ:
            raise zipfile.BadZipFile("its table of contents is too long")
        return self._file.read(count if count >= 0 else LONGEST_READ)


# OLE 2: the office files of before 2007


def _inspect_ole(file: BinaryIO, _: int) -> Content:
    return file_types.identify_compound_file(set(_ole_names(file)))


def _ole_names(file: BinaryIO) -> Iterator[str]:
    """The names in the directory of a compound file ([MS-CFB] 2.6), from a bounded number of its sectors."""
    header = _read_at(file, 0, 512)
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in file_types.SECTOR_SHIFTS:
        raise ValueError("its sectors have no usual size")
    sector = struct.unpack_from("<I", header, 48)[0]
    for _ in range(MOST_SECTORS):
        if sector >= _NO_SECTOR:
            return
        yield from file_types.stream_names(_read_at(file, (sector + 1) << shift, 1 << shift))
        sector = _next_sector(file, header, sector, shift)


def _next_sector(file: BinaryIO, header: bytes, sector: int, shift: int) -> int:
    table, row = divmod(sector, 1 << (shift - 2))
    if table >= 109:
        return _NO_SECTOR
    where: int = struct.unpack_from("<I", header, 76 + 4 * table)[0]
    following: int = struct.unpack("<I", _read_at(file, ((where + 1) << shift) + 4 * row, 4))[0]
    return following


def _tail(file: BinaryIO, size: int) -> bytes:
    return _read_at(file, max(size - TAIL, 0), TAIL)


def _read_at(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)
