"""The type of a file by its content, never by its name, reading a few pieces of it only."""

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

from services.intake.domain import Inspection

HEAD = 4096
TAIL = 22 + 65535
LONGEST_READ = 512 * 1024
"""The largest table of contents of a zip that is read: some five thousand entries."""

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (rb"%PDF-\d", "pdf", "a PDF"),
    (rb"\x89PNG\r\n\x1a\n", "png", "a PNG image"),
    (rb"\xff\xd8\xff", "jpeg", "a JPEG image"),
    (rb"GIF8[79]a", "gif", "a GIF image"),
    (rb"RIFF....WEBP", "webp", "a WebP image"),
    (rb"II\*\x00|MM\x00\*", "tiff", "a TIFF image"),
    (rb"....ftyp(?:heic|heix|heim|heis|mif1|msf1)", "heic", "a HEIC image"),
    (rb"....ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4V |M4VP|MSNV|dash|3gp[4-7])", "mp4", "an MP4 video"),
    (rb"....ftyp|....(?:moov|mdat|free|wide)", "", "a video that is no MP4"),
    (rb"MZ", "", "a Windows program"),
    (rb"\x7fELF", "", "a Linux program"),
    (rb"Rar!", "", "a RAR archive"),
    (rb"7z\xbc\xaf\x27\x1c", "", "a 7-Zip archive"),
    (rb"\x1f\x8b", "", "a gzip archive"),
    (rb"\{\\rtf", "", "an RTF text"),
    (rb"#!", "", "a script"),
    (
        rb"(?i)\s*(?:<!doctype html|<html|<script|<svg|<head|<body)",
        "",
        "a web page or a picture with scripts",
    ),
    (rb"(?i)\s*<\?xml", "", "XML"),
)
_PARTS = (("docx", "word/"), ("xlsx", "xl/"), ("pptx", "ppt/"))
_ODF = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_STREAMS = (("doc", "WordDocument"), ("xls", "Workbook"), ("xls", "Book"), ("ppt", "PowerPoint Document"))
_NAMES = {
    "docx": "a Word document",
    "xlsx": "an Excel workbook",
    "pptx": "a PowerPoint presentation",
    "odt": "an OpenDocument text",
    "ods": "an OpenDocument spreadsheet",
    "odp": "an OpenDocument presentation",
    "doc": "an old Word document",
    "xls": "an old Excel workbook",
    "ppt": "an old PowerPoint presentation",
    "zip": "a zip archive",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_DAMAGE = (zipfile.BadZipFile, struct.error, ValueError, EOFError, OSError, RuntimeError)

Seen = tuple[str | None, str, str | None]


def sniff(file: BinaryIO, size: int, sha256: str) -> Inspection:
    """What the file is by its content; a file that is two things at once, or damaged, has a flaw."""
    head = _at(file, 0, HEAD)
    kind, seen, flaw = _by_container(file, size, head) or _by_magic(head)
    return Inspection(sha256, kind, seen, flaw or _second_nature(file, size, head, kind))


def _by_magic(head: bytes) -> Seen:
    start = head.removeprefix(b"\xef\xbb\xbf")
    for pattern, kind, seen in _MAGIC:
        if re.match(pattern, start, re.DOTALL):
            return kind or None, seen, None
    return None, "nothing known" if b"\0" in head else "plain text or something unknown", None


def _by_container(file: BinaryIO, size: int, head: bytes) -> Seen | None:
    for magic, look in ((b"PK\x03\x04", _zip), (_OLE, _ole)):
        if head.startswith(magic):
            return _carefully(look, file, size)
    return None


def _carefully(look: Callable[[BinaryIO, int], Seen], file: BinaryIO, size: int) -> Seen:
    """What a container is, whatever somebody wrote into it."""
    try:
        return look(file, size)
    except _DAMAGE as why:
        return None, "an archive or office file", f"it is damaged ({why})"


def _second_nature(file: BinaryIO, size: int, head: bytes, kind: str | None) -> str | None:
    # An archive may well begin with a PDF that it holds uncompressed.
    if kind not in {"pdf", "zip"} and b"%PDF-" in head[:1024]:
        return "it is a PDF too"
    if not head.startswith(b"PK\x03\x04") and kind and _ends_as_zip(file, size):
        return "it is a zip archive too"
    return None


# zip: Office Open XML, OpenDocument, or an archive


def _zip(file: BinaryIO, size: int) -> Seen:
    if not _ends_as_zip(file, size):
        return "zip", _NAMES["zip"], "something follows its end, or its end is missing"
    with zipfile.ZipFile(_Bounded(file)) as archive:
        entries = {one.filename: one for one in archive.infolist()}
        if not entries or min(one.header_offset for one in entries.values()) != 0:
            return "zip", _NAMES["zip"], "it is empty, or something stands before its beginning"
        mimetype = entries.get("mimetype")
        plain = mimetype and mimetype.compress_type == zipfile.ZIP_STORED and mimetype.file_size <= 100
        declared = archive.read(mimetype) if mimetype and plain else b""
    return _of_entries(set(entries), declared)


def _of_entries(names: set[str], mimetype: bytes) -> Seen:
    if mimetype:
        kind = _ODF.get(mimetype.strip())
        return (kind, _NAMES[kind], None) if kind else (None, f"a {mimetype.decode('latin-1')!r} file", None)
    if "[Content_Types].xml" in names:
        return _of_parts(names)
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        return None, "a program packed as a zip archive", None
    return "zip", _NAMES["zip"], None


def _of_parts(names: set[str]) -> Seen:
    for kind, folder in _PARTS:
        if any(name.startswith(folder) for name in names):
            macros = any(name.endswith("vbaProject.bin") for name in names)
            return kind, _NAMES[kind], "it carries macros: save it without them" if macros else None
    return None, "an Office Open XML file of no usual kind", None


def _ends_as_zip(file: BinaryIO, size: int) -> bool:
    """Whether an end-of-central-directory record, with its comment, ends exactly where the file does."""
    tail = _at(file, max(size - TAIL, 0), TAIL)
    found = re.compile(rb"PK\x05\x06")
    for match in found.finditer(tail):
        rest = len(tail) - match.start()
        if rest >= 22 and struct.unpack_from("<H", tail, match.start() + 20)[0] == rest - 22:
            return True
    return False


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


def _ole(file: BinaryIO, size: int) -> Seen:
    names = set(_ole_names(file))
    for kind, stream in _STREAMS:
        if stream in names:
            return kind, _NAMES[kind], None
    return None, "a Windows file of no office kind", None


def _ole_names(file: BinaryIO) -> Iterator[str]:
    """The names in the directory of a compound file ([MS-CFB] 2.6), from at most 64 of its sectors."""
    header = _at(file, 0, 512)
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in (9, 12):
        raise ValueError("its sectors have no usual size")
    sector, length = struct.unpack_from("<I", header, 48)[0], 1 << shift
    for _ in range(64):
        if sector >= 0xFFFFFFFA:
            return
        rows = _at(file, (sector + 1) << shift, length)
        for start in range(0, len(rows) - 127, 128):
            used = struct.unpack_from("<H", rows, start + 64)[0]
            yield rows[start : start + max(min(used, 64) - 2, 0)].decode("utf-16-le", "replace")
        sector = _ole_next(file, header, sector, shift)


def _ole_next(file: BinaryIO, header: bytes, sector: int, shift: int) -> int:
    per_sector = 1 << (shift - 2)
    table, row = divmod(sector, per_sector)
    if table >= 109:
        return 0xFFFFFFFE
    where: int = struct.unpack_from("<I", header, 76 + 4 * table)[0]
    found: int = struct.unpack("<I", _at(file, ((where + 1) << shift) + 4 * row, 4))[0]
    return found


def _at(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)
