"""Types of files: what is taken, and what a file's first bytes say that it is, whatever its name says."""

import re
from collections.abc import Mapping, Set
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

HEAD = 1024
"""How many first bytes readers look at: a PDF may begin anywhere in them."""

ARCHIVE, COMPOUND = "zip", "ole"
"""Containers whose content says what they are: zip archives, and the files of office programs before 2007."""
MIME, ACTIVE_MIME = "mime", "active-mime"
"""What is never taken, and looked into where a file holds it: such a letter or page, and what Word packs beside it."""

_MP4_BRANDS = re.compile(
    r"isom|iso[2-9a-c]|mp4[12]|mp71|avc[1-4]|M4V[ PH]|MSNV|dash|3g[pr][4-9]|3ge[67]|3g2[a-c]"
    r"|XAVC|hvc1|hev1|f4v |cmf[cs]|mmp4"
)
_HEIC_BRANDS = re.compile(r"hei[cxms]|hev[cx]|mif1|msf1")
_SIGNATURES: tuple[tuple[bytes, str | None, str], ...] = (
    (rb"%PDF-", "pdf", "a PDF"),
    (rb"(?:PK\x07\x08|PK00)?PK\x03\x04", ARCHIVE, "a zip archive"),
    (rb"PK\x05\x06", None, "an empty zip archive"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", COMPOUND, "a file of an office program before 2007"),
    (rb"\x89PNG\r\n\x1a\n", "png", "a PNG image"),
    (rb"\xff\xd8\xff", "jpeg", "a JPEG image"),
    (rb"GIF8[79]a", "gif", "a GIF image"),
    (rb"RIFF....WEBP", "webp", "a WebP image"),
    (rb"II[*+]\x00|MM\x00[*+]", "tiff", "a TIFF image"),
    (rb"....(?:moov|mdat|free|wide)", None, "a video that is no MP4"),
    (rb"MZ", None, "a Windows program"),
    (rb"\x7fELF", None, "a Linux program"),
    (rb"\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe|\xfe\xed\xfa[\xcf\xce]|dex\n0|\x00asm", None, "a program"),
    (rb"L\x00\x00\x00\x01\x14\x02\x00", None, "a Windows shortcut"),
    (rb"ITSF", None, "a Windows help file"),
    (rb"!<arch>\n|\xed\xab\xee\xdb|xar!", None, "a software package"),
    (rb"MSCF", None, "a cabinet archive"),
    (rb"Rar!", None, "a RAR archive"),
    (rb"7z\xbc\xaf\x27\x1c", None, "a 7-Zip archive"),
    (rb"\x1f\x8b", None, "a gzip archive"),
    (rb"BZh[1-9]1AY|\xfd7zXZ|\x28\xb5\x2f\xfd", None, "a compressed file"),
    (rb".{257}ustar", None, "a tar archive"),
    (rb"\{\\rtf", None, "an RTF text"),
    (rb"#!|(?i:@echo\s+o(?:ff|n)\b)", None, "a script"),
    (
        rb"(?i)\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|script|svg|head|body|iframe|\?php)",
        None,
        "a web page or a picture with scripts",
    ),
    (rb"(?i)\s*<\?xml", None, "XML"),
    (rb"ActiveMime", ACTIVE_MIME, "macros or objects that Word packed (ActiveMime)"),
    (rb"(?i)(?:.*\n)?[ \t]*mime-version[ \t]*:", MIME, "a letter or web page in one file (MIME)"),
)
_PROGRAMS = frozenset(
    {
        *("a Windows program", "a Linux program", "a program", "a script"),
        *("a Windows shortcut", "a Windows help file", "a software package"),
    }
)
PACKED = frozenset(
    {
        *("a RAR archive", "a 7-Zip archive", "a gzip archive", "a compressed file"),
        *("a tar archive", "a cabinet archive"),
    }
)
"""What archives are called that cannot be looked into."""
_RUNNING = re.compile(
    r"exe|dll|com|scr|pif|cpl|msc|ms[ipt]|bat|cmd|ps[cd]?1|ps1xml|psm1|vb|vb[se]|jse?|ws[cfh]|sct|hta|lnk|url|scf|inf|reg"
    r"|chm|hlp|jar|jnlp|apk|ipa|class|sh|bash|command|desktop|run|app|appx|appxbundle|msix|msixbundle|deb|rpm|pkg|dmg"
    r"|iso|img|vhdx?|py[cw]?|pl|rb|php|one|slk|iqy|xll|wll|ad[ep]|md[abe]|accd[bea]"
    r"|do[ct]m|xl[st]m|xlsb|xlam?|xlm|pp[tsa]m|ppa|potm|sldm"
)
_LEADING_OUT = re.compile(r"[/\\]|[a-z]:|(?:.*[/\\])?\.\.(?:[/\\]|$)", re.IGNORECASE | re.DOTALL)
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True)
class Signature:
    """What first bytes say: a type, ARCHIVE or COMPOUND, or None for what is never taken; and how to call it."""

    type: str | None
    description: str

    @property
    def is_container(self) -> bool:
        """Whether only what it holds says which type it is."""
        return self.type in (ARCHIVE, COMPOUND)

    @property
    def holds_others(self) -> bool:
        """Whether what stands in it is to be looked at."""
        return self.is_container or self.type in ("pdf", MIME, ACTIVE_MIME)


_COMPILED = tuple(
    (re.compile(pattern, re.DOTALL), Signature(file_type, description))
    for pattern, file_type, description in _SIGNATURES
)


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


def identify(head: bytes) -> Signature:
    """What a file is by its first HEAD bytes, as readers look at them."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    if start[4:8] == b"ftyp":
        return _identify_by_brands(start)
    for pattern, signature in _COMPILED:
        if pattern.match(start):
            return signature
    if b"%PDF-" in head[:HEAD]:
        return Signature("pdf", "a PDF")
    return Signature(None, "plain text" if _is_text(head) else "nothing known")


def runs(head: bytes) -> bool:
    """Whether first bytes make a file a program or a script; two letters at the beginning of a text do not."""
    return identify(head).description in _PROGRAMS and not (head.startswith(b"MZ") and _is_text(head))


def runs_by_name(name: str) -> bool:
    """Whether programs run a file of that name, or macros in it.

    Windows passes over dots and spaces at its end, and over a stream of the file that is named behind two colons.
    """
    return bool(_RUNNING.fullmatch(extension(name.partition("::")[0].rstrip(". "))))


def leads_out(name: str) -> bool:
    """Whether a file of that name may be unpacked elsewhere than into the folder where the others are."""
    return bool(_LEADING_OUT.match(name))


def _identify_by_brands(start: bytes) -> Signature:
    """A film or picture by its `ftyp` box (ISO/IEC 14496-12 section 4.3): the major brand leads, any may say MP4."""
    size = min(int.from_bytes(start[:4], "big"), len(start))
    brands = [start[at : at + 4].decode("latin-1") for at in (8, *range(16, size - 3, 4))]
    if {"avif", "avis"} & set(brands[:1] if _MP4_BRANDS.fullmatch(brands[0]) else brands):
        return Signature(None, "an AVIF image")
    if _HEIC_BRANDS.fullmatch(brands[0]):
        return Signature("heic", "a HEIC image")
    if any(map(_MP4_BRANDS.fullmatch, brands)):
        return Signature("mp4", "an MP4 video")
    return Signature(None, "a video that is no MP4")


def _is_text(head: bytes) -> bool:
    return head.startswith(_TEXT_MARKS) or not _NO_TEXT.search(head)
