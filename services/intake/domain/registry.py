"""Agencies, and people with what they may do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.core.canonical import timestamp
from shared.core.errors import Invalid
from shared.core.people import AGENCY_ROLES

GROUPS = ("Kementerian", "LPNK", "LNS & lainnya", "Provinsi", "Kabupaten", "Kota")
GRANTABLE = ("ministry", *AGENCY_ROLES, "machine")
"""The roles that intake grants; assessors are appointed in review."""


@dataclass(frozen=True)
class Agency:
    """Who is assessed, in which group, from when until when (None: open)."""

    id: str
    name: str
    group: str
    since: datetime
    until: datetime | None = None
    rev: int = 0


@dataclass(frozen=True)
class Grant:
    """One role, for one agency or for none, from when until when (None: open)."""

    role: str
    agency: str | None
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Person:
    """Somebody whom the identity provider knows as (issuer, subject), or a machine client."""

    id: str
    issuer: str
    subject: str
    grants: tuple[Grant, ...] = ()
    rev: int = 0


def check_span(since: datetime, until: datetime | None) -> None:
    """Refuse a time that ends before it begins."""
    if until is not None and until <= since:
        raise Invalid("`until` must be later than `since`; leave it out for an open end.", "bad-span")


def check_exists(agency: Agency, now: datetime) -> None:
    """Refuse what an agency that is over cannot do any more."""
    if agency.until is not None and agency.until <= now:
        raise Invalid(f"The agency {agency.id} existed until {timestamp(agency.until)}.", "agency-over")


def check_grants(grants: Sequence[Grant], agencies: Iterable[str]) -> None:
    """Refuse grants that no role allows; `agencies` are those that exist. Raises Invalid with all problems."""
    known = set(agencies)
    problems = [
        {"in": "json", "pointer": f"/grants/{place}", "detail": problem}
        for place, grant in enumerate(grants)
        if (problem := _problem(grant, known))
    ]
    if problems:
        raise Invalid("Some grants cannot be given: see errors.", "bad-grants", {"errors": problems})


def _problem(grant: Grant, known: set[str]) -> str | None:
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
