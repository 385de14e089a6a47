"""Who assesses, and for which agencies it may not: its employer and every declared conflict of interest."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.core.errors import Conflict, Invalid
from shared.core.people import AGENCY_ROLES, Caller


@dataclass(frozen=True)
class Interest:
    """A declared conflict of interest with one agency."""

    agency: str
    reason: str
    declared_by: str
    declared_at: datetime


@dataclass(frozen=True)
class Declaration:
    """An agency that an assessor may not assess, and why, as somebody declares it."""

    agency: str
    reason: str


@dataclass(frozen=True)
class Appointment:
    """Who is appointed, from a moment to a moment (open when None); `employer` is an agency's id or None."""

    issuer: str
    subject: str
    name: str
    employer: str | None
    since: datetime
    until: datetime | None


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
        declared = frozenset(interest.agency for interest in self.conflicts)
        return declared | {self.employer} if self.employer else declared

    @property
    def employers(self) -> tuple[str, ...]:
        """The agency that it works for, if any."""
        return (self.employer,) if self.employer else ()


def appoint(id: str, appointment: Appointment, before: Assessor | None) -> Assessor:
    """The assessor as appointed; the conflicts of interest of the version before stay."""
    return Assessor(
        id=id,
        issuer=appointment.issuer,
        subject=appointment.subject,
        name=appointment.name,
        employer=appointment.employer,
        since=appointment.since,
        until=appointment.until,
        conflicts=before.conflicts if before else (),
    )


def check_appointment(assessor: Assessor) -> None:
    """Refuse an appointment that ends before it begins."""
    if assessor.until is not None and assessor.until <= assessor.since:
        raise Invalid("`until` must be later than `since`; leave it out for an open end.", "bad-span")


def check_agencies(agencies: Iterable[str], known: Collection[str]) -> None:
    """Refuse agencies that are not among the known ones; Invalid lists them in `agencies`."""
    unknown = [agency for agency in agencies if agency not in known]
    if unknown:
        raise Invalid(
            f"No agency is called {', '.join(unknown)}.", "unknown-agency", {"agencies": sorted(unknown)}
        )


def check_single(assessor: Assessor, namesake: Assessor | None) -> None:
    """Refuse an issuer and subject that are another assessor's already."""
    if namesake is not None and namesake.id != assessor.id:
        raise Conflict(
            f"This issuer and subject are the assessor {namesake.id} already: change that one.",
            "already-exists",
        )


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


def declare(
    assessor: Assessor, caller: Caller, declarations: Sequence[Declaration], now: datetime
) -> Assessor:
    """Set the conflicts: the ministry replaces them, an assessor only adds its own.

    An officer of the ministry who is the assessor itself only adds, too.
    """
    before = {interest.agency: interest for interest in assessor.conflicts}
    replaces = caller.has("ministry") and not is_itself(caller, assessor)
    conflicts = {} if replaces else dict(before)
    for declaration in declarations:
        known = before.get(declaration.agency)
        if known is None or (known.reason != declaration.reason and replaces):
            known = Interest(declaration.agency, declaration.reason, caller.id, now)
        conflicts[declaration.agency] = known
    return replace(assessor, conflicts=tuple(conflicts[agency] for agency in sorted(conflicts)))
