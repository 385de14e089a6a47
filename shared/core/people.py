"""Who is asking and what they may do, as plain values that a domain may look at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.core.errors import Invalid
from shared.core.text import character_name, find_hidden, is_mark, is_visible

AGENCY_ROLES = ("coordinator", "officer", "clerk", "member")
ROLES = ("ministry", *AGENCY_ROLES, "assessor", "machine")


@dataclass(frozen=True)
class Grant:
    """One role, for one agency or (agency None) for none in particular."""

    role: str
    agency: str | None = None


@dataclass(frozen=True)
class Caller:
    """Whoever a request comes from; `person` is Nilai's own id of a known person, assessor or machine."""

    issuer: str
    subject: str
    person: str | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def id(self) -> str:
        """The name of the caller in audit entries."""
        return self.person or f"{self.issuer}|{self.subject}"

    @property
    def roles(self) -> frozenset[str]:
        """Every role that the caller holds somewhere."""
        return frozenset(grant.role for grant in self.grants)

    def has(self, *roles: str, agency: str | None = None) -> bool:
        """Whether the caller holds one of the roles, for this agency when one is named."""
        return any(
            grant.role in roles and (agency is None or grant.agency == agency) for grant in self.grants
        )

    def agencies(self, *roles: str) -> frozenset[str]:
        """The agencies for which the caller holds one of the roles."""
        return frozenset(
            grant.agency for grant in self.grants if grant.agency and grant.role in (roles or ROLES)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRole:
    """A role, for one agency or for none, that whom the identity provider knew so held until it was taken away."""

    issuer: str
    subject: str
    role: str
    agency: str | None = None
    since: datetime
    until: datetime


_DAY = timedelta(days=1)


def remember(past: Sequence[PastRole], role: PastRole) -> tuple[PastRole, ...]:
    """The past with a role more; what was held twice within a day counts as held in between, so that it stays short."""
    near = [
        old
        for old in past
        if replace(old, since=role.since, until=role.until) == role
        and old.since - _DAY <= role.until
        and role.since - _DAY <= old.until
    ]
    since, until = min(one.since for one in (*near, role)), max(one.until for one in (*near, role))
    return (*(old for old in past if old not in near), replace(role, since=since, until=until))


def check_known_as(issuer: str, subject: str, provider: str) -> None:
    """Refuse somebody of whom the identity provider `provider` can give no token; raises Invalid."""
    if issuer != provider:
        problem = f"No tokens are taken from {issuer}, only from {provider}."
        problem += issuers_differ(issuer, provider)
        raise Invalid(problem, "unknown-issuer", _place("issuer", problem))
    blank = next((one for one in subject if not is_visible(one) and not is_mark(one)), None)
    if blank := blank or find_hidden(subject):
        problem = f"`subject` holds {character_name(blank)}; it must be what stands in the tokens' `sub`."
        raise Invalid(problem, "bad-subject", _place("subject", problem))


def identity_change(before: tuple[str, str] | None, after: tuple[str, str]) -> dict[str, str]:
    """What the audit chain tells of who somebody is: nothing where that stays, else what it is and what it was."""
    if before == after:
        return {}
    told = dict(zip(("issuer", "subject"), after, strict=True))
    return told | (dict(zip(("was_issuer", "was_subject"), before, strict=True)) if before else {})


def _place(member: str, problem: str) -> dict[str, Any]:
    return {"errors": [{"in": "json", "pointer": f"/{member}", "detail": problem}]}


def issuers_differ(said: str, known: str) -> str:
    """What is easily overlooked when two issuers differ, as a sentence that may follow another; else nothing."""
    if said.rstrip("/") == known.rstrip("/"):
        return " The two differ only by the slash at the end."
    if said.lower().strip() == known.lower():
        return " The two differ only by capitals or blanks."
    return ""


def system(service: str) -> Caller:
    """The service itself, when it acts on an event or on the clock."""
    return Caller(issuer="nilai", subject=service, person=f"service:{service}")


OPERATOR = Caller(issuer="nilai", subject="operator", person="operator")
"""Whoever acts at the command line of a service."""
