"""Who assesses, and for which agencies it may not: its employer and every declared conflict of interest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.errors import Invalid
from shared.people import Caller


@dataclass(frozen=True)
class Interest:
    """A declared conflict of interest with one agency."""

    agency: str
    reason: str
    declared_by: str
    declared_at: datetime


@dataclass(frozen=True)
class Assessor:
    """An external assessor, appointed from a moment to a moment (open when None)."""

    id: str
    issuer: str
    subject: str
    name: str
    employer: str | None
    since: datetime
    until: datetime | None
    conflicts: tuple[Interest, ...] = ()
    rev: int = 0

    @property
    def barred(self) -> frozenset[str]:
        """The agencies whose cases this assessor may not open."""
        declared = frozenset(one.agency for one in self.conflicts)
        return declared | {self.employer} if self.employer else declared


def check_appointment(one: Assessor) -> None:
    """Refuse an appointment that ends before it begins."""
    if one.until is not None and one.until <= one.since:
        raise Invalid("`until` must be later than `since`; leave it out for an open end.", "bad-span")


def may_see_assessor(caller: Caller, assessor: Assessor | None) -> bool:
    """The ministry sees every assessor, an assessor itself only."""
    if caller.has("ministry"):
        return True
    return assessor is not None and (assessor.issuer, assessor.subject) == (caller.issuer, caller.subject)


def declare(
    assessor: Assessor, caller: Caller, reasons: Iterable[tuple[str, str]], now: datetime
) -> Assessor:
    """Set the conflicts, given as (agency, reason): the ministry replaces them, an assessor only adds its own."""
    before = {one.agency: one for one in assessor.conflicts}
    found = {} if caller.has("ministry") else dict(before)
    for agency, reason in reasons:
        known = before.get(agency)
        if known is None or (known.reason != reason and caller.has("ministry")):
            known = Interest(agency, reason, caller.id, now)
        found[agency] = known
    return replace(assessor, conflicts=tuple(found[agency] for agency in sorted(found)))
