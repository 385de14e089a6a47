"""PDF, opened by qpdf as readers open it: damaged places are repaired where that can be done."""

import re
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import BinaryIO

import pikepdf

from services.intake.domain.file_types import HEAD, runs_by_name
from services.intake.domain.inspection import ENCRYPTED, TRUNCATED, UNREADABLE
from services.intake.inspection.notes import Notes
from services.intake.inspection.pdf_actions import mark_actions
from services.intake.inspection.pdf_objects import MOST_OBJECTS, attached, content_of, telling
from services.intake.inspection.pieces import find_last, read_at
from services.intake.inspection.polyglots import mark_archives

MOST_REST = 1 << 20
MOST_ATTACHED = 500
NEAR = 64
END = b"%%EOF"
_CHANGE = re.compile(
    rb"(?:\s|%[^\r\n]*[\r\n])*(?:\d+\s+\d+\s+o|xref\b|trailer\b|startxref\b|endstream\b|endobj\b)"
)
_FINISHED = re.compile(rb"startxref\s+\d+\s*%{0,2}E?O?[\s\0]*\Z")
"""The last of what a change needs; some programs leave %%EOF out."""


def inspect_pdf(file: BinaryIO, size: int, notes: Notes) -> None:
    """Open it, count its pages, and look for what does not belong into it."""
    head = read_at(file, 0, HEAD)
    start = head.find(b"%PDF-")
    notes.mark_outside(file, 0, start, "leading-bytes")
    end = find_last(file, END, size) + len(END)
    rest = read_at(file, end, MOST_REST)
    is_cut = end < len(END) or _is_begun(rest)
    if not is_cut:
        notes.mark_outside(file, end + len(rest) - len(rest.lstrip(b"\r\n")), size)
    try:
        with pikepdf.open(file) as pdf:
            _inspect(pdf, is_cut, notes)
            if is_cut and not _FINISHED.search(read_at(file, max(size - NEAR, 0), NEAR)):
                notes.mark(TRUNCATED, "the end of its last change is missing")
            objects = list(telling(pdf, notes))
            mark_actions(objects, notes)
            _mark_attached(file, attached(objects), notes)
    except pikepdf.PasswordError:
        notes.mark(ENCRYPTED, "it asks for one to be opened")
    except pikepdf.PdfError as problem:
        _mark_problem(str(problem), is_cut, notes)


def _is_begun(rest: bytes) -> bool:
    """Whether behind the last end another change begins: programs for PDF append what they change."""
    return b" obj" in rest or bool(_CHANGE.match(rest))


def _mark_problem(problem: str, is_cut: bool, notes: Notes) -> None:
    if "encryption" in problem or "/Encrypt" in problem:
        notes.mark(ENCRYPTED, "only a certificate or a program of its own opens it")
    elif is_cut:
        notes.mark(TRUNCATED, "its end is missing")
    else:
        notes.mark(UNREADABLE, "it has no list of pages, or that list is damaged")


def _inspect(pdf: pikepdf.Pdf, is_cut: bool, notes: Notes) -> None:
    notes.pages = len(pdf.pages)
    if not notes.pages:
        notes.mark(UNREADABLE, "it has no page")
    for page in islice(pdf.pages, MOST_OBJECTS):
        page.obj.get("/Contents")
    if pdf.is_encrypted:
        notes.mark("restricted", "printing, copying or changing may be forbidden")
    _mark_damage(pdf, is_cut, notes)


def _mark_damage(pdf: pikepdf.Pdf, is_cut: bool, notes: Notes) -> None:
    """Say whether something is missing, or had to be looked for."""
    rebuilt = any("reconstruct" in warning for warning in pdf.get_warnings())
    if rebuilt and (is_cut or pdf.Root.Pages.get("/Count") != notes.pages):
        notes.mark(TRUNCATED, "its end or some of its pages are missing")
    elif rebuilt:
        notes.mark("repaired", "its table of contents does not fit it")


def _mark_attached(file: BinaryIO, files: Sequence[tuple[str, pikepdf.Object]], notes: Notes) -> None:
    """Say which files are attached, and whether programs for archives open it otherwise than as one of them."""
    if files:
        names = ", ".join(islice(filter(None, (name for name, _ in files)), 3))
        notes.mark("attachments", names or f"{len(files)} without a name")
    if len(files) > MOST_ATTACHED:
        notes.mark("not-examined", f"more than {MOST_ATTACHED} files are attached")
    for name, stream in files[:MOST_ATTACHED]:
        content = content_of(stream)
        if runs_by_name(name):
            notes.mark("programs", name)
        notes.mark_inside(name or "an attached file", content[:HEAD], partial(bytes, content))
    mark_archives(file, notes, lambda: (_raw(stream) for _, stream in files))


def _raw(stream: pikepdf.Object) -> bytes:
    try:
        return stream.read_raw_bytes()
    except pikepdf.PdfError:
        return b""
