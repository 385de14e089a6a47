"""Agencies, and people with what they may do."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from shared.core.canonical import timestamp
from shared.core.errors import Conflict, Invalid
from shared.core.people import AGENCY_ROLES, ROLES, PastRole

GROUPS = ("Kementerian", "LPNK", "LNS & lainnya", "Provinsi", "Kabupaten", "Kota")
GRANTABLE = ("ministry", *AGENCY_ROLES, "machine")
"""The roles that intake grants; assessors are appointed in review."""

RESERVED_AGENCIES = frozenset((*ROLES, "public", "anyone", "nobody", "nilai", "operator", "system"))
"""What scopes of streams, audiences and audit entries already mean somebody else by."""
RESERVED_PEOPLE = frozenset(("operator", "nobody", "system"))


@dataclass(frozen=True)
class Agency:
    """Who is assessed, in which group, from when until when (None: open), and in which zone of Indonesia."""

    id: str
    name: str
    group: str
    since: datetime
    until: datetime | None = None
    zone: str | None = None
    rev: int = 0


@dataclass(frozen=True)
class AgencyDetails:
    """What is said of an agency when it is set."""

    name: str
    group: str
    since: datetime
    until: datetime | None = None
    zone: str | None = None

    def of(self, id: str) -> Agency:
        """The agency of that id with these details."""
        return Agency(id, **vars(self))


@dataclass(frozen=True)
class AgencyFilter:
    """Which agencies are asked for: those whose name or id says every word, of one group; None: of any."""

    words: tuple[str, ...] = ()
    group: str | None = None


@dataclass(frozen=True)
class Grant:
    """One role, for one agency or for none, from when until when (None: open)."""

    role: str
    agency: str | None
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Proposal:
    """A grant that somebody proposed, and that takes effect when an officer other than that one confirms it."""

    grant: Grant
    by: str


@dataclass(frozen=True)
class Person:
    """Somebody whom the identity provider knows as (issuer, subject), or a machine client.

    `grants` are in force in their time, `proposals` wait for a second officer, `past` still tells who had a part;
    `name` is how the identity provider calls them, once they have signed in.
    """

    id: str
    issuer: str
    subject: str
    grants: tuple[Grant, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    past: tuple[PastRole, ...] = ()
    name: str = ""
    rev: int = 0

    @property
    def identity(self) -> tuple[str, str]:
        """How the identity provider knows them."""
        return self.issuer, self.subject


@dataclass(frozen=True)
class PersonDetails:
    """Whom the identity provider means, and everything that they may do."""

    issuer: str
    subject: str
    grants: tuple[Grant, ...]

    def of(self, id: str) -> Person:
        """The person of that id with these details."""
        return Person(id, self.issuer, self.subject, self.grants)


def new_person(issuer: str, subject: str) -> Person:
    """A person without roles, whose id follows from how the identity provider knows them."""
    return Person("p-" + sha256(f"{issuer}|{subject}".encode()).hexdigest()[:16], issuer, subject)


def agencies_of(person: Person) -> set[str]:
    """The agencies for which somebody holds a role."""
    return {grant.agency for grant in person.grants if grant.agency}


def held_roles(
    person: Person, agencies: Collection[str] | None, now: datetime
) -> Mapping[str | None, Sequence[str]]:
    """The roles of a person that count now, by the agency that they are held for, of those agencies; None: all."""
    held: dict[str | None, list[str]] = {}
    for one in person.grants:
        counts = one.since <= now and (one.until is None or now < one.until)
        if counts and (agencies is None or one.agency in agencies):
            held.setdefault(one.agency, []).append(one.role)
    return held


def roles_of(grants: Iterable[Grant]) -> list[str]:
    """What somebody may do, for the audit chain: "ministry", "clerk@kota-a"."""
    return [f"{grant.role}@{grant.agency}" if grant.agency else grant.role for grant in grants]


def check_identity(person: Person, known: Person | None) -> None:
    """Conflict when the identity provider's subject is another person already."""
    if known and known.id != person.id:
        raise Conflict(
            f"The identity provider's {person.subject} is the person {known.id} already.", "already-exists"
        )


def changed_agencies(agencies: Iterable[Agency], stored: Mapping[str, Agency]) -> list[Agency]:
    """Those of the agencies that are new or differ from what is stored under their ids; their zones stay."""
    named = [settled_agency(agency, stored.get(agency.id)) for agency in agencies]
    return [
        agency
        for agency in named
        if agency.id not in stored or replace(agency, rev=stored[agency.id].rev) != stored[agency.id]
    ]


def settled_agency(wanted: Agency, stored: Agency | None) -> Agency:
    """An agency as a row of a list sets it, which does not tell its zone: that stays; raises Invalid."""
    check_agency(wanted)
    return replace(wanted, zone=stored.zone) if stored else wanted


def check_agency(agency: Agency) -> None:
    """Refuse an agency of a reserved id, or one that ends before it begins; raises Invalid."""
    _check_free(agency.id, RESERVED_AGENCIES, "agency")
    if agency.until is not None and agency.until <= agency.since:
        raise Invalid("`until` must be later than `since`; leave it out for an open end.", "bad-span")


def check_person_id(id: str) -> None:
    """Refuse an id that audit entries use for somebody who is no person; raises Invalid."""
    _check_free(id, RESERVED_PEOPLE, "person")


def _check_free(id: str, reserved: Set[str], kind: str) -> None:
    if id in reserved:
        raise Invalid(f"The id {id} is reserved: give the {kind} another one.", "reserved-id")


def check_exists(agency: Agency, now: datetime) -> None:
    """Refuse what an agency that is over cannot do any more."""
    if agency.until is not None and agency.until <= now:
        raise Invalid(f"The agency {agency.id} existed until {timestamp(agency.until)}.", "agency-over")


def check_grants(grants: Sequence[Grant], known: Set[str]) -> None:
    """Refuse grants that no role allows; `known` are the agencies that exist. Raises Invalid with all problems."""
    problems = [
        {"in": "json", "pointer": f"/grants/{place}", "detail": problem}
        for place, grant in enumerate(grants)
        if (problem := _problem(grant, known))
    ]
    if problems:
        said = " ".join(problem["detail"] for problem in problems[:3]) + (" …" if problems[3:] else "")
        raise Invalid(f"Some grants cannot be given. {said}", "bad-grants", {"errors": problems})


def _problem(grant: Grant, known: Set[str]) -> str | None:
    if grant.role not in GRANTABLE:
        return f"{grant.role} is no role that intake grants; it grants {', '.join(GRANTABLE)}."
    if grant.agency is not None and grant.agency not in known:
        return f"There is no agency {grant.agency}."
    if grant.role in AGENCY_ROLES and grant.agency is None:
        return f"The role {grant.role} is held for an agency: name it."
    if grant.role == "ministry" and grant.agency is not None:
        return "The role ministry is held for no agency: leave `agency` out."
    if grant.until is not None and grant.until <= grant.since:
        return "`until` must be later than `since`."
    return None
