"""Who works on an agency's self-assessment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.registry import Person
from shared.core.people import AGENCY_ROLES

MOST_TEAM = 100
"""Colleagues that are shown."""


@dataclass(frozen=True)
class Colleague:
    """Somebody of an agency, under which name, and the roles that count now, the highest first."""

    person: str
    name: str
    roles: tuple[str, ...]


def team_of(people: Iterable[Person], agency: str, now: datetime) -> tuple[Colleague, ...]:
    """Those who hold a role at an agency at a moment, by role and name; who never signed in is shown by the id."""
    held = ((one, _roles(one, agency, now)) for one in people)
    found = [Colleague(one.id, one.name or one.id, roles) for one, roles in held if roles]
    return tuple(sorted(found, key=lambda one: (AGENCY_ROLES.index(one.roles[0]), one.name.casefold())))


def _roles(person: Person, agency: str, now: datetime) -> tuple[str, ...]:
    held = {
        grant.role
        for grant in person.grants
        if grant.agency == agency and grant.since <= now and (grant.until is None or now < grant.until)
    }
    return tuple(role for role in AGENCY_ROLES if role in held)
