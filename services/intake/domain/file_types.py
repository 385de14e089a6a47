"""Types of files: what is taken, and how a file's content shows its type, whatever its name says."""

import re
import struct
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

_OFFICE = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"


@dataclass(frozen=True)
class FileType:
    """A type of file, found by its content: its short name, family, media type and extensions."""

    name: str
    family: str
    media_type: str
    extensions: tuple[str, ...]


FILE_TYPES: Mapping[str, FileType] = {
    file_type.name: file_type
    for file_type in (
        FileType("pdf", "pdf", "application/pdf", ("pdf",)),
        FileType("png", "image", "image/png", ("png",)),
        FileType("jpeg", "image", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
        FileType("gif", "image", "image/gif", ("gif",)),
        FileType("webp", "image", "image/webp", ("webp",)),
        FileType("tiff", "image", "image/tiff", ("tif", "tiff")),
        FileType("heic", "image", "image/heic", ("heic", "heif")),
        FileType("docx", "office", f"{_OFFICE}.wordprocessingml.document", ("docx",)),
        FileType("xlsx", "office", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
        FileType("pptx", "office", f"{_OFFICE}.presentationml.presentation", ("pptx", "ppsx")),
        FileType("odt", "office", f"{_ODF}.text", ("odt",)),
        FileType("ods", "office", f"{_ODF}.spreadsheet", ("ods",)),
        FileType("odp", "office", f"{_ODF}.presentation", ("odp",)),
        FileType("doc", "office", "application/msword", ("doc",)),
        FileType("xls", "office", "application/vnd.ms-excel", ("xls",)),
        FileType("ppt", "office", "application/vnd.ms-powerpoint", ("ppt", "pps")),
        FileType("zip", "zip", "application/zip", ("zip",)),
        FileType("mp4", "mp4", "video/mp4", ("mp4", "m4v")),
    )
}
FAMILIES = ("pdf", "image", "office", "zip", "mp4")

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END_RECORD = 22
"""Bytes of a zip's end-of-central-directory record without its comment."""
SECTOR_SHIFTS = (9, 12)
"""The sizes of a compound file's sectors, as powers of two."""

_SIGNATURES: tuple[tuple[bytes, str | None, str], ...] = (
    (rb"%PDF-\d", "pdf", "a PDF"),
    (rb"\x89PNG\r\n\x1a\n", "png", "a PNG image"),
    (rb"\xff\xd8\xff", "jpeg", "a JPEG image"),
    (rb"GIF8[79]a", "gif", "a GIF image"),
    (rb"RIFF....WEBP", "webp", "a WebP image"),
    (rb"II\*\x00|MM\x00\*", "tiff", "a TIFF image"),
    (rb"....ftyp(?:heic|heix|heim|heis|mif1|msf1)", "heic", "a HEIC image"),
    (rb"....ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4V |M4VP|MSNV|dash|3gp[4-7])", "mp4", "an MP4 video"),
    (rb"....ftyp|....(?:moov|mdat|free|wide)", None, "a video that is no MP4"),
    (rb"MZ", None, "a Windows program"),
    (rb"\x7fELF", None, "a Linux program"),
    (rb"Rar!", None, "a RAR archive"),
    (rb"7z\xbc\xaf\x27\x1c", None, "a 7-Zip archive"),
    (rb"\x1f\x8b", None, "a gzip archive"),
    (rb"\{\\rtf", None, "an RTF text"),
    (rb"#!", None, "a script"),
    (
        rb"(?i)\s*(?:<!doctype html|<html|<script|<svg|<head|<body)",
        None,
        "a web page or a picture with scripts",
    ),
    (rb"(?i)\s*<\?xml", None, "XML"),
)
_PARTS = (("docx", "word/"), ("xlsx", "xl/"), ("pptx", "ppt/"))
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_STREAMS = (("doc", "WordDocument"), ("xls", "Workbook"), ("xls", "Book"), ("ppt", "PowerPoint Document"))
_DESCRIPTIONS = {
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


@dataclass(frozen=True)
class Content:
    """What some bytes are: a type's short name, or None; how to call them; and what is wrong with them, if anything."""

    type: str | None
    description: str
    defect: str | None = None


def allowed_extensions(families: Set[str]) -> list[str]:
    """Every extension of the allowed families."""
    return sorted(
        extension
        for file_type in FILE_TYPES.values()
        if file_type.family in families
        for extension in file_type.extensions
    )


def extension(name: str) -> str:
    """What stands after the last dot, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def identify_by_signature(head: bytes) -> Content:
    """What a file is by its first bytes, where these say it."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    for pattern, file_type, description in _SIGNATURES:
        if re.match(pattern, start, re.DOTALL):
            return Content(file_type, description)
    return Content(None, "nothing known" if b"\0" in head else "plain text or something unknown")


def identify_zip(names: Set[str], mimetype: bytes) -> Content:
    """What a zip archive is by the names in it and by what its entry `mimetype` says (b"" without one)."""
    if mimetype:
        file_type = _MIMETYPES.get(mimetype.strip())
        return _described(file_type) if file_type else Content(None, f"a {mimetype.decode('latin-1')!r} file")
    if "[Content_Types].xml" in names:
        return _identify_office_xml(names)
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        return Content(None, "a program packed as a zip archive")
    return _described("zip")


def _identify_office_xml(names: Set[str]) -> Content:
    for file_type, folder in _PARTS:
        if any(name.startswith(folder) for name in names):
            macros = any(name.endswith("vbaProject.bin") for name in names)
            return _described(file_type, "it carries macros: save it without them" if macros else None)
    return Content(None, "an Office Open XML file of no usual kind")


def identify_compound_file(streams: Set[str]) -> Content:
    """What an OLE 2 file (the office files of before 2007) is by the names of its streams."""
    for file_type, stream in _STREAMS:
        if stream in streams:
            return _described(file_type)
    return Content(None, "a Windows file of no office kind")


def defective_zip(defect: str) -> Content:
    """A zip archive that is not one from its first byte to its last."""
    return _described("zip", defect)


def damaged_container(why: object) -> Content:
    """An archive or office file that cannot be read."""
    return Content(None, "an archive or office file", f"it is damaged ({why})")


def second_type(content: Content, head: bytes, tail: bytes) -> str | None:
    """The defect of a file that is two things at once, by its first and last bytes; None when it is one."""
    # An archive may well begin with a PDF that it holds uncompressed.
    if content.type not in {"pdf", "zip"} and b"%PDF-" in head[:1024]:
        return "it is a PDF too"
    if not head.startswith(ZIP_MAGIC) and content.type and ends_as_zip(tail):
        return "it is a zip archive too"
    return None


def ends_as_zip(tail: bytes) -> bool:
    """Whether an end-of-central-directory record, with its comment, ends exactly where the file does."""
    for match in re.finditer(rb"PK\x05\x06", tail):
        rest = len(tail) - match.start()
        if rest >= END_RECORD:
            (comment,) = struct.unpack_from("<H", tail, match.start() + END_RECORD - 2)
            if comment == rest - END_RECORD:
                return True
    return False


def stream_names(sector: bytes) -> Iterator[str]:
    """The names in one directory sector of a compound file ([MS-CFB] 2.6): rows of 128 bytes."""
    for start in range(0, len(sector) - 127, 128):
        (used,) = struct.unpack_from("<H", sector, start + 64)
        yield sector[start : start + max(min(used, 64) - 2, 0)].decode("utf-16-le", "replace")


def _described(file_type: str, defect: str | None = None) -> Content:
    return Content(file_type, _DESCRIPTIONS[file_type], defect)
