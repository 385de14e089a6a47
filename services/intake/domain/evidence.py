"""The rules of evidence: who owns a file, when it may be unlinked, whom a link lets read it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.intake.domain.file_types import FILE_TYPES, FileType
from services.intake.domain.inspection import Examined, Finding
from shared.core.errors import Conflict, Forbidden, NotFound
from shared.core.people import AGENCY_ROLES, Caller


@dataclass(frozen=True)
class FileOwnership:
    """A file whose every byte an agency sent itself, in one or more cycles; `at` is its first arrival.

    `pages` is None where it has none, or nobody can count them.
    """

    agency: str
    sha256: str
    size: int
    type: str
    name: str
    at: datetime
    cycles: tuple[str, ...]
    pages: int | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def file_type(self) -> FileType:
        """Its type with family, media type and extensions."""
        return FILE_TYPES[self.type]

    def with_arrival(self, cycle: str, arrived: datetime) -> "FileOwnership":
        """The ownership when the file has come in that cycle too; the first arrival counts."""
        return replace(self, at=min(self.at, arrived), cycles=tuple(sorted({*self.cycles, cycle})))

    def without(self, cycle: str) -> "FileOwnership":
        """The ownership that stays when the file is unlinked from a cycle; NotFound when it does not count there."""
        if cycle not in self.cycles:
            raise file_not_found()
        return replace(self, cycles=tuple(other for other in self.cycles if other != cycle))


@dataclass(frozen=True)
class Blob:
    """Stored bytes: they stand under the id of the upload that brought them first."""

    sha256: str
    upload: str
    size: int
    type: str
    examined: Examined | None = None


@dataclass(frozen=True)
class File:
    """A file that an agency owns, and where its bytes are."""

    ownership: FileOwnership
    blob: Blob


def check_own(caller: Caller, agency: str | None) -> str:
    """The agency of a file or upload; NotFound unless the caller is one of its own people.

    `agency` is None where there is no such file or upload.
    """
    if agency is None or not caller.has(*AGENCY_ROLES, agency=agency):
        raise file_not_found()
    return agency


def file_of(ownership: FileOwnership | None, blob: Blob | None, name: str | None = None) -> File:
    """A file under its own name or the given one; NotFound when it is not owned or its bytes are not stored."""
    if ownership is None or blob is None:
        raise file_not_found()
    return File(replace(ownership, name=name) if name else ownership, blob)


def file_not_found() -> NotFound:
    """The one answer for what does not exist and for what is another agency's."""
    return NotFound("There is no such file or upload here.")


def check_unused(named_by: Sequence[str]) -> None:
    """Refuse to unlink a file that an answer rests on or that was sealed."""
    if named_by:
        raise Conflict(
            f"This file is named by {', '.join(named_by[:5])}: take it out of the answers first. "
            "What was sealed stays.",
            "file-in-use",
            {"named_by": list(named_by[:200])},
        )


OPEN = timedelta(minutes=10)
"""How long what one person is given of one file, in one way, is one opening."""


def opening_id(caller: Caller, agency: str, sha256: str, how: str) -> str:
    """By what an opening is known: who opens whose file in which way."""
    told = "\n".join((caller.issuer, caller.subject, caller.id, agency, sha256, how))
    return hashlib.sha256(told.encode()).hexdigest()


def is_open(opened: datetime | None, now: datetime) -> bool:
    """Whether an opening that was written down then still goes on."""
    return opened is not None and now < opened + OPEN


def check_bearer(caller: Caller, issuer: str, subject: str) -> None:
    """Forbidden unless the caller is the person whom a link names."""
    if (caller.issuer, caller.subject) != (issuer, subject):
        raise link_refused()


def link_refused() -> Forbidden:
    """The one answer for every link that opens nothing, whatever the cause."""
    return Forbidden(
        "This link does not open anything for you. Open the file again from its page.", "link-refused"
    )
