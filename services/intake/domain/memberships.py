"""Roles at agencies, as a table gives them row by row."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.grants import give
from services.intake.domain.registry import Grant, Person, new_person
from shared.core.errors import Forbidden, Invalid
from shared.core.people import Caller, check_known_as


@dataclass(frozen=True)
class Membership:
    """A role for an agency that somebody holds, known to the identity provider as `subject`, without an end."""

    id: str
    subject: str
    role: str
    agency: str
    rev: int = 0

    def grant(self, now: datetime) -> Grant:
        """The role from now on."""
        return Grant(self.role, self.agency, now)


def membership(subject: str, role: str, agency: str) -> Membership:
    """One role of one person at one agency."""
    return Membership(f"{subject} {role} {agency}", subject, role, agency)


@dataclass(frozen=True)
class Staff:
    """The people by subject, as far as they are known, and the agencies that there are; `caller` gives the roles."""

    people: Mapping[str, Person]
    agencies: Set[str]
    caller: Caller

    @property
    def stored(self) -> Mapping[str, Membership]:
        """The roles that they hold without an end."""
        held = (
            membership(person.subject, grant.role, grant.agency)
            for person in self.people.values()
            for grant in person.grants
            if grant.agency and grant.until is None
        )
        return {one.id: one for one in held}

    def settled(self, wanted: Membership, before: Membership | None) -> Membership:
        """What would be stored of a row; raises what giving the role would be refused with."""
        check_known_as(self.caller.issuer, wanted.subject, self.caller.issuer)
        if wanted.agency not in self.agencies:
            raise Invalid(f"There is no agency {wanted.agency}.", "unknown-agency")
        if wanted.subject == self.caller.subject and before is None:
            raise Forbidden("Nobody changes what they may do themselves: ask another officer.", "own-roles")
        return wanted


def ids_of(subjects: Set[str], people: Mapping[str, Person], issuer: str) -> Sequence[str]:
    """The ids of the people with these subjects: those that they have, else those that they would get."""
    return [(people.get(one) or new_person(issuer, one)).id for one in sorted(subjects)]


def given(
    wanted: Iterable[Membership], people: Mapping[str, Person], issuer: str, now: datetime
) -> Sequence[Person]:
    """The people once they hold the wanted roles from now on; whoever is not among them is new."""
    changed: dict[str, Person] = {}
    for one in wanted:
        known = changed.get(one.subject) or people.get(one.subject)
        changed[one.subject] = give(known or new_person(issuer, one.subject), one.grant(now))
    return list(changed.values())
