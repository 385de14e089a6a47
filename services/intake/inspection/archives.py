"""Zip archives, and the office files that are made as such."""

import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from services.intake.domain.file_types import HEAD, PACKED, identify, leads_out, runs_by_name
from services.intake.domain.inspection import AMBIGUOUS, ENCRYPTED, MACROS, TRUNCATED, UNREADABLE
from services.intake.inspection import office_xml, opendocument
from services.intake.inspection.inside import MOST_FILE, Budget
from services.intake.inspection.notes import Notes
from services.intake.inspection.parts import Parts
from services.intake.inspection.pieces import FAR, read_at, stranger
from services.intake.inspection.zip_layout import mark_layout

END_RECORD = 22
ENCRYPTED_FLAG = 0x1
SPLIT_MARK = 4
UNICODE_PATH = 0x7075

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)
_PROGRAMS = re.compile(
    r"(?:meta-inf/manifest\.mf|androidmanifest\.xml|classes\.dex|appxmanifest\.xml|payload/[^/]+\.app/.*)"
)
_UNSEEN = PACKED - {"a gzip archive"} | {"an RTF text"}
"""What cannot be looked into in a document: pictures are packed as gzip there, and a text of RTF is opened with it."""
_MACRO_NAMES = re.compile(r"(?:.*/)?(?:vbaproject[^/]*\.bin|basic/.+)", re.DOTALL)


def inspect_archive(file: BinaryIO, size: int, notes: Notes) -> None:
    """Read its table of contents, see what it is, and unpack it."""
    try:
        with zipfile.ZipFile(file) as archive:
            _inspect(file, size, Parts(archive, notes), notes)
    except _DAMAGE as why:
        is_whole = _end(file, size) <= size
        notes.mark(
            UNREADABLE if is_whole else TRUNCATED, why if is_whole else "its table of contents is missing"
        )
    except NotImplementedError as why:
        notes.mark(UNREADABLE, why)


def _inspect(file: BinaryIO, size: int, parts: Parts, notes: Notes) -> None:
    _identify(parts, notes)
    _mark_outside(file, size, parts, notes)
    if any(entry.flag_bits & ENCRYPTED_FLAG for entry in parts.entries):
        notes.mark(ENCRYPTED, "some or all of what it holds")
        return
    twice = [name for name, count in Counter(parts.names).items() if count > 1]
    if twice:
        notes.mark("same-name-twice" if notes.type == "zip" else AMBIGUOUS, f"two parts called {twice[0]}")
    _INSPECTORS.get(notes.type or "", _inspect_plain)(parts, notes)
    if notes.type is None and office_xml.CONTENT_TYPES in parts:
        with suppress(ValueError):
            office_xml.mark_macros(parts, notes)
    _unpack(parts, notes)


def _identify(parts: Parts, notes: Notes) -> None:
    """See which kind of file its parts make it; more than one is too many."""
    mimetype = parts.read("mimetype", 200) if "mimetype" in parts else b""
    kinds: list[tuple[str | None, str]] = []
    if mimetype:
        kinds.append(opendocument.identify(mimetype))
    if office_xml.CONTENT_TYPES in parts:
        kinds.append(office_xml.identify(parts))
    if any(map(_PROGRAMS.fullmatch, parts.names)):
        notes.mark("programs", "a program packed as a zip archive")
        kinds.append((None, "a program packed as a zip archive"))
    if kinds:
        notes.type, notes.description = kinds[0]
    for _, other in kinds[1:]:
        notes.mark(AMBIGUOUS, f"{notes.description} and {other}")


def _mark_outside(file: BinaryIO, size: int, parts: Parts, notes: Notes) -> None:
    """Say what stands before the first part, and after the end."""
    first = min((entry.header_offset for entry in parts.entries), default=0)
    if first > SPLIT_MARK:
        notes.mark_outside(file, 0, first, "leading-bytes")
    end = _end(file, size)
    notes.mark_outside(file, end, size)
    mark_layout(file, parts.archive, min(end, size) - len(parts.comment), notes)
    if other := stranger(parts.comment):
        notes.mark(AMBIGUOUS, f"{notes.description} and {other}")


def _end(file: BinaryIO, size: int) -> int:
    """Where the record that ends the archive, with its comment, ends: behind the file when a part of it is missing."""
    start = max(size - END_RECORD - FAR, 0)
    tail = read_at(file, start, size - start)
    at = tail.rfind(b"PK\x05\x06")
    length = int.from_bytes(tail[at + 20 : at + 22], "little")
    return start + at + END_RECORD + length if at >= 0 else size + 1


def _inspect_plain(parts: Parts, notes: Notes) -> None:
    names = [name for entry in parts.entries for name in _names(entry)]
    for name in filter(runs_by_name, names):
        notes.mark("programs", name)
    for name in filter(leads_out, names):
        notes.mark("unsafe-names", name)
    if notes.inside.depth:
        for name in filter(_MACRO_NAMES.fullmatch, parts.names):
            notes.mark(MACROS, name)


def _names(entry: zipfile.ZipInfo) -> Iterator[str]:
    """The names that programs unpack it by: its own, and one in Unicode ([APPNOTE] 4.6.9)."""
    yield entry.filename
    at = 0
    while at + 4 <= len(entry.extra):
        kind, length = struct.unpack_from("<HH", entry.extra, at)
        if kind == UNICODE_PATH:
            yield entry.extra[at + 9 : at + 4 + length].decode("utf-8", "replace")
        at += 4 + length


def _unpack(parts: Parts, notes: Notes) -> None:
    """See whether everything in it is whole, up to a bound, and what it is."""
    budget = notes.inside.budget
    for entry in parts.entries:
        try:
            head, tail = _unpack_one(parts, entry, budget)
        except NotImplementedError:
            if notes.type != "zip":
                raise
            notes.mark("not-examined", f"{entry.filename} is packed in a way that few programs know")
        else:
            _look_into(parts, entry, head, notes)
            if notes.type == "zip" and b"PK\x05\x06" in tail and not identify(head).is_container:
                notes.mark("not-examined", f"{entry.filename} holds an archive behind other bytes")
        if budget.unpacked <= 0:
            notes.mark("not-examined", "unpacked it is too large")
            return


def _unpack_one(parts: Parts, entry: zipfile.ZipInfo, budget: Budget) -> tuple[bytes, bytes]:
    """Unpack a member as far as that goes; gives its first bytes and its last."""
    head = tail = b""
    with parts.archive.open(entry) as unpacked:
        while budget.unpacked > 0 and (piece := unpacked.read(1 << 20)):
            budget.unpacked -= len(piece)
            head = head or piece[:HEAD]
            tail = (tail + piece)[-FAR:]
    return head, tail


def _look_into(parts: Parts, entry: zipfile.ZipInfo, head: bytes, notes: Notes) -> None:
    def read() -> bytes:
        with parts.archive.open(entry) as unpacked:
            return unpacked.read(MOST_FILE)

    kind = identify(head).description
    if notes.type == "zip" and stat.S_ISLNK(entry.external_attr >> 16):
        notes.mark("unsafe-names", f"{entry.filename} is a link")
    elif kind in (PACKED if notes.type == "zip" else _UNSEEN):
        notes.mark("not-examined", f"{entry.filename} is {kind}")
    else:
        notes.mark_inside(entry.filename, head, read)


_INSPECTORS = {
    **dict.fromkeys(("docx", "xlsx", "pptx"), office_xml.inspect_office_xml),
    **dict.fromkeys(("odt", "ods", "odp"), opendocument.inspect_open_document),
}
