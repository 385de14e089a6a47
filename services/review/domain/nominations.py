"""Appointing without a technical id at hand: ids from names, and lists of assessors from a file."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count

from services.review.domain.assessors import (
    Appointment,
    Assessor,
    appoint,
    check_agencies,
    check_appointment,
    check_of_another,
    check_single,
)
from shared.core.imports import Fault, ReadRow
from shared.core.people import Caller, check_known_as

ASSESSORS = "assessors"
"""What an import of assessors is called."""
MOST_FOUND = 20
"""People who are offered to be appointed."""
_LONGEST = 55
_UNNAMED = "assessor"


@dataclass(frozen=True)
class Registry:
    """What is known where a list of assessors is looked at: who has which identity, and the agencies."""

    by_identity: Mapping[tuple[str, str], Assessor]
    agencies: Collection[str]


@dataclass(frozen=True)
class HeldRole:
    """A role of somebody, for an agency or for none, from a moment to a moment (open when None)."""

    role: str
    agency: str | None
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class KnownPerson:
    """Somebody who holds, or held, a role elsewhere, and how the identity provider knows it."""

    id: str
    issuer: str
    subject: str
    name: str = ""
    grants: tuple[HeldRole, ...] = ()

    def held(self, now: datetime) -> tuple[HeldRole, ...]:
        """The roles that count now."""
        return tuple(
            one for one in self.grants if one.since <= now and (one.until is None or now < one.until)
        )


def id_stem(name: str) -> str:
    """The beginning of the ids that are made from a name: its letters without accents, digits, and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-") or _UNNAMED


def free_id(name: str, taken: Collection[str]) -> str:
    """An id made from a name that nobody has yet."""
    stem = id_stem(name)
    following = (f"{stem}-{number}" for number in count(2))
    return next(id for id in chain([stem], following) if id not in taken)


def appointment_of(assessor: Assessor) -> Appointment:
    """The appointment that makes an assessor what it is."""
    return Appointment(
        issuer=assessor.issuer,
        subject=assessor.subject,
        name=assessor.name,
        employer=assessor.employer,
        since=assessor.since,
        until=assessor.until,
    )


def accepted(
    identity: tuple[str, str], name: str, employer: str | None, at: datetime, before: Assessor | None
) -> Appointment:
    """The appointment that somebody accepted, from that moment on; an employer that was known stays."""
    known = before.employer if before else None
    return Appointment(*identity, name, employer or known, since=at, until=None)


def ended(assessor: Assessor, now: datetime) -> Appointment:
    """The appointment with its end now, or where it ended before."""
    until = min(assessor.until, now) if assessor.until else now
    return replace(appointment_of(assessor), until=until)


def wanted_in(read: Iterable[ReadRow[Assessor]]) -> list[Assessor]:
    """What the rows of a list want, as far as they can be read."""
    return [row.wanted for row in read if row.wanted]


def employers_of(assessors: Iterable[Assessor]) -> set[str]:
    """The agencies for which these assessors work."""
    return {one.employer for one in assessors if one.employer}


def known_to(people: Iterable[KnownPerson], caller: Caller) -> list[KnownPerson]:
    """Those of these people whom the caller's own identity provider knows: others could not sign in."""
    return [one for one in people if one.issuer == caller.issuer]


def agencies_of(people: Iterable[KnownPerson], now: datetime) -> set[str]:
    """The agencies for which these people hold a role now."""
    return {role.agency for one in people for role in one.held(now) if role.agency}


def each_once(read: Sequence[ReadRow[Assessor]]) -> list[ReadRow[Assessor]]:
    """The rows of a list, those wrong whose person stands on an earlier row under another id."""
    return list(_each_once(read))


def _each_once(read: Sequence[ReadRow[Assessor]]) -> Iterator[ReadRow[Assessor]]:
    first: dict[str, tuple[int, str]] = {}
    for row in read:
        if row.wanted is None:
            yield row
            continue
        number, id = first.setdefault(row.wanted.subject, (row.number, row.wanted.id))
        if id == row.wanted.id:
            yield row
        else:
            detail = f"The same person stands on line {number} as {id}."
            fault = Fault("person-twice", detail, "subject", {"line": str(number), "id": id})
            yield ReadRow(row.number, row.cells, (fault,))


def settling(
    caller: Caller, now: datetime, known: Registry
) -> Callable[[Assessor, Assessor | None], Assessor]:
    """How a row of a list becomes an assessor: as by an appointment, with its refusals."""

    def settle(wanted: Assessor, before: Assessor | None) -> Assessor:
        check_known_as(wanted.issuer, wanted.subject, caller.issuer)
        made = appoint(wanted.id, appointment_of(wanted), before, caller, now)
        check_of_another(caller, before, made)
        check_appointment(made)
        check_agencies(made.employers, known.agencies)
        check_single(made, known.by_identity.get(made.identity))
        return made

    return settle
