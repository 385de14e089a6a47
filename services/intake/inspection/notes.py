"""What an inspection writes down as it goes."""

from collections.abc import Callable
from typing import BinaryIO

from services.intake.domain.file_types import identify, runs
from services.intake.domain.inspection import (
    AMBIGUOUS,
    CARRIED,
    ENCRYPTED,
    MACROS,
    TRUNCATED,
    UNREADABLE,
    Inspection,
    Mark,
)
from services.intake.inspection.inside import Inside
from services.intake.inspection.pieces import blank, read_at, stranger_between

MOST_MARKS = 32
LONGEST = 120


class Notes:
    """The type, the description and the marks of a file while it is being inspected."""

    def __init__(self, type: str | None, description: str, inside: Inside) -> None:
        self.type, self.description = type, description
        self.inside = inside
        self.pages: int | None = None
        self._marks: dict[tuple[str, str], Mark] = {}

    def mark(self, code: str, what: object) -> None:
        """Write down that something was come upon; what is long is cut, what cannot be printed is escaped."""
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(what))
        text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        if len(self._marks) < MOST_MARKS:
            self._marks[code, text] = Mark(code, text)

    def mark_outside(self, file: BinaryIO, start: int, stop: int, code: str = "trailing-bytes") -> None:
        """Write down what stands before the beginning or after the end: something doubtful, or another file."""
        if stop <= start:
            return
        other = stranger_between(file, start, stop)
        if other:
            self.mark(AMBIGUOUS, f"{self.description} and {other}")
        else:
            kind = "blank bytes" if blank(read_at(file, start, min(stop - start, 4096))) else "bytes"
            self.mark(code, f"{stop - start} {kind}")

    def mark_inside(self, name: str, head: bytes, read: Callable[[], bytes]) -> None:
        """Look at a file that this one holds, by its first bytes and, where they say that it holds more, by all."""
        if runs(head):
            self.mark("programs", name)
        elif identify(head).holds_others:
            found = self.inside.look(read)
            if found is None:
                self.mark("not-examined", f"{name} is too large, lies too deep or is one of too many")
            else:
                self._carry(name, found)

    def _carry(self, name: str, found: Inspection) -> None:
        for mark in found.marks:
            if mark.code == MACROS:
                # What is unpacked or taken out first runs nothing by itself.
                self.mark("programs" if self.type in ("zip", "pdf") else MACROS, name)
            elif mark.code == ENCRYPTED:
                self.mark("not-examined", f"{name} is under a password")
            elif mark.code in (TRUNCATED, UNREADABLE):
                self.mark("not-examined", f"{name} cannot be opened")
            elif mark.code in CARRIED:
                self.mark(mark.code, f"{name}: {mark.what}")

    def done(self) -> Inspection:
        """All of it."""
        return Inspection(self.type, self.description, self.pages, tuple(self._marks.values()))
