"""Compound files ([MS-CFB]): Word, Excel and PowerPoint before 2007, and newer ones under a password."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

import msoffcrypto
import olefile
from msoffcrypto.exceptions import DecryptionError, FileFormatError, ParseError

from services.intake.domain.file_types import HEAD, runs_by_name
from services.intake.domain.inspection import AMBIGUOUS, ENCRYPTED, MACROS, TRUNCATED, UNREADABLE
from services.intake.inspection.compound_layout import content_end
from services.intake.inspection.notes import Notes
from services.intake.inspection.polyglots import mark_archives, mark_pdf

MAGIC = olefile.MAGIC
EVERYBODYS = "VelvetSweatshop"
"""The password that Excel and others try by themselves: what is under it opens for everybody."""
INSTALLERS = "000c108"
"""How the classes of packages, transforms and patches of Windows Installer begin."""
NATIVE = "\x01ole10native"
MOST_OBJECT = 64 * 1024 * 1024
FREE_SECTOR = 0xFFFFFFFF

_KINDS = (
    ("worddocument", "doc", "an old Word document"),
    ("workbook", "xls", "an old Excel workbook"),
    ("book", "xls", "an old Excel workbook"),
    ("powerpoint document", "ppt", "an old PowerPoint presentation"),
)
_DAMAGE = (OSError, ValueError, IndexError, KeyError, TypeError, struct.error, AssertionError, EOFError)


def inspect_compound(file: BinaryIO, size: int, notes: Notes) -> BinaryIO | None:
    """Read its directory, see what it is, look for macros; gives what stands in it under EVERYBODYS password."""
    try:
        ole = olefile.OleFileIO(file)
        paths = {"/".join(path).casefold(): path for path in ole.listdir()}
        if any(part in ("vba", "_vba_project") for path in paths for part in path.split("/")):
            notes.mark(MACROS, "a VBA project")
        _look_into(ole, notes)
        if "encryptedpackage" in paths:
            notes.type, notes.description = None, "an office file"
            return _opened(file, notes)
        if main := _identify(ole, paths, notes):
            return _inspect(file, size, ole, main, notes)
    except _DAMAGE as why:
        notes.mark(TRUNCATED if "incomplete" in str(why) else UNREADABLE, why)
    return None


def _identify(ole: Any, paths: Mapping[str, list[str]], notes: Notes) -> list[str] | None:
    """See which kind of file its streams make it; gives the path of the main one, None when it is of no office kind."""
    kinds = [kind for kind in _KINDS if kind[0] in paths]
    if not kinds:
        notes.type, notes.description = None, "a Windows file of no office kind"
        if str(ole.root.clsid).casefold().startswith(INSTALLERS):
            notes.mark("programs", "what Windows installs")
        return None
    main, notes.type, notes.description = kinds[0]
    for _, type, description in kinds[1:]:
        if type != notes.type:
            notes.mark(AMBIGUOUS, f"{notes.description} and {description}")
    return paths[main]


def _look_into(ole: Any, notes: Notes) -> None:
    """Look at the documents that are kept in its streams, and at the files that are packed into objects."""
    for path in ole.listdir():
        with suppress(*_DAMAGE):  # a stream that cannot be read says nothing of the others
            stream = ole.openstream(path)
            if path[-1].casefold() == NATIVE:
                _look_into_packed(stream.read(), notes)
            elif (head := stream.read(HEAD)).startswith((MAGIC, b"PK\x03\x04", b"ActiveMime")):
                notes.mark_inside("/".join(path), head, stream.getvalue)


def _look_into_packed(data: bytes, notes: Notes) -> None:
    """A file packed into an object: its size, two bytes, a label and its name, a path with its length, the file."""
    label, _, rest = data[6:].partition(b"\0")
    name, _, rest = rest.partition(b"\0")
    content = rest[4 + 4 + int.from_bytes(rest[4:8], "little") + 4 :]
    for said in (label.decode("latin-1"), name.decode("latin-1")):
        if runs_by_name(said):
            notes.mark("programs", said)
    notes.mark_inside(label.decode("latin-1"), content[:HEAD], partial(bytes, content))


def _inspect(file: BinaryIO, size: int, ole: Any, path: list[str], notes: Notes) -> BinaryIO | None:
    content = ole.openstream(path).read()
    if _ENCRYPTED[notes.type or ""](ole, content):
        return _opened(file, notes)
    if mark_macros := _MACROS.get(notes.type or ""):
        mark_macros(content, notes)
    if (end := content_end(ole)) > size:
        notes.mark(TRUNCATED, f"{end - size} bytes are missing")
    used = max((n for n, following in enumerate(ole.fat) if following != FREE_SECTOR), default=0)
    notes.mark_outside(file, (used + 2) * ole.sectorsize, size)
    mark_pdf(file, size, notes)
    mark_archives(file, notes, lambda: (ole.openstream(path).read() for path in ole.listdir()))
    return None


def _opened(file: BinaryIO, notes: Notes) -> BinaryIO | None:
    """The office file without the password that everybody's program tries; None when it has another one."""
    opened = BytesIO()
    with suppress(*_DAMAGE, FileFormatError, DecryptionError, ParseError):
        office = msoffcrypto.OfficeFile(file)
        office.load_key(password=EVERYBODYS, verify_password=True)
        office.decrypt(opened)
        opened.seek(0)
        return opened
    notes.mark(ENCRYPTED, "it asks for one to be opened")
    return None


# what the main streams say


def _word_is_encrypted(_: Any, content: bytes) -> bool:
    """Whether fEncrypted is set ([MS-DOC] 2.5.2)."""
    return len(content) > 11 and bool(content[11] & 1)


def _excel_is_encrypted(_: Any, content: bytes) -> bool:
    """Whether FilePass stands before the end of the globals ([MS-XLS] 2.4.117)."""
    for kind, _body in _excel_records(content):
        if kind in (0x002F, 0x000A):
            return kind == 0x002F
    return False


def _powerpoint_is_encrypted(ole: Any, _: bytes) -> bool:
    """Whether the current user's token says so ([MS-PPT] 2.3.2)."""
    return (
        bool(ole.exists("Current User"))
        and ole.openstream("Current User").read(16)[12:] == b"\xdf\xc4\xd1\xf3"
    )


def _excel_macros(content: bytes, notes: Notes) -> None:
    """Sheets of Excel 4 macros, by the list of sheets or by their own beginning ([MS-XLS] 2.4.28, 2.4.21)."""
    for kind, body in _excel_records(content):
        is_listed = kind == 0x0085 and body[5:6] == b"\x01"
        if is_listed or (kind == 0x0809 and body[2:4] == b"\x40\x00"):
            notes.mark(MACROS, "a sheet of Excel 4 macros")


def _excel_records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        if kind == 0 and length == 0:
            return
        yield kind, content[at + 4 : at + 4 + min(length, 16)]
        at += 4 + length


def _powerpoint_macros(content: bytes, notes: Notes) -> None:
    """Objects kept in the presentation, its VBA project among them ([MS-PPT] 2.10.34, 2.10.40)."""
    at = 0
    while at + 8 <= len(content):
        version, kind, length = struct.unpack_from("<HHI", content, at)
        if (version, kind, length) == (0, 0, 0):
            return
        if kind == 0x1011:
            kept = _object(content[at + 8 : at + 8 + length], version >> 4)
            notes.mark_inside("an object", kept[:HEAD], partial(bytes, kept))
        at += 8 + length


def _object(data: bytes, is_packed: int) -> bytes:
    if not is_packed:
        return data
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(data[4:], MOST_OBJECT)
    return b""


_ENCRYPTED: Mapping[str, Callable[[Any, bytes], bool]] = {
    "doc": _word_is_encrypted,
    "xls": _excel_is_encrypted,
    "ppt": _powerpoint_is_encrypted,
}
_MACROS: Mapping[str, Callable[[bytes, Notes], None]] = {
    "xls": _excel_macros,
    "ppt": _powerpoint_macros,
}
