"""Who assesses, and for which agencies it may not: its employer and every declared conflict of interest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.core.errors import Invalid
from shared.core.people import AGENCY_ROLES, Caller


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


def serving(assessor: Assessor, caller: Caller, now: datetime) -> Assessor:
    """The assessor with a conflict of interest for each agency whose people the caller belongs to now."""
    own = (
        Interest(agency, "works for the agency", assessor.id, now)
        for agency in sorted(caller.agencies(*AGENCY_ROLES))
    )
    return replace(assessor, conflicts=(*assessor.conflicts, *own))


def is_itself(caller: Caller, assessor: Assessor) -> bool:
    """Whether the caller is this assessor."""
    return (assessor.issuer, assessor.subject) == (caller.issuer, caller.subject)


def may_see_assessor(caller: Caller, assessor: Assessor | None) -> bool:
    """The ministry sees every assessor, an assessor itself only."""
    if caller.has("ministry"):
        return True
    return assessor is not None and is_itself(caller, assessor)


def declare(
    assessor: Assessor, caller: Caller, reasons: Iterable[tuple[str, str]], now: datetime
) -> Assessor:
    """Set the conflicts, given as (agency, reason): the ministry replaces them, an assessor only adds its own.

    An officer of the ministry who is the assessor itself only adds, too.
    """
    before = {one.agency: one for one in assessor.conflicts}
    replaces = caller.has("ministry") and not is_itself(caller, assessor)
    found = {} if replaces else dict(before)
    for agency, reason in reasons:
        known = before.get(agency)
        if known is None or (known.reason != reason and replaces):
            known = Interest(agency, reason, caller.id, now)
        found[agency] = known
    return replace(assessor, conflicts=tuple(found[agency] for agency in sorted(found)))
