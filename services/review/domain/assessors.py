"""Who assesses, and for which agencies it may not: its employer and every declared conflict of interest."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.core.errors import Conflict, Forbidden, Invalid
from shared.core.people import AGENCY_ROLES, Caller, PastRole, remember

AssessorState = Literal["serving", "planned", "over"]


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
class ConflictsOrder:
    """The conflicts of interest that somebody declares, and why it takes others back or rewrites them."""

    declarations: tuple[Declaration, ...]
    reason: str | None = None

    @property
    def agencies(self) -> list[str]:
        """The agencies that it names."""
        return [declaration.agency for declaration in self.declarations]


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
    """An external assessor, appointed from a moment to a moment (open when None).

    `past` are appointments that were cut short, or that stood for another identity.
    """

    id: str
    issuer: str
    subject: str
    name: str
    employer: str | None
    since: datetime
    until: datetime | None
    conflicts: tuple[Interest, ...] = ()
    past: tuple[PastRole, ...] = ()
    rev: int = 0

    @property
    def identity(self) -> tuple[str, str]:
        """How the identity provider knows it."""
        return self.issuer, self.subject

    def is_appointed(self, now: datetime) -> bool:
        """Whether the appointment is in force."""
        return self.since <= now and (self.until is None or now < self.until)

    def state(self, now: datetime) -> AssessorState:
        """Whether it serves now, will, or did."""
        if self.is_appointed(now):
            return "serving"
        return "planned" if now < self.since else "over"

    @property
    def barred(self) -> frozenset[str]:
        """The agencies whose cases this assessor may not open."""
        declared = frozenset(interest.agency for interest in self.conflicts)
        return declared | {self.employer} if self.employer else declared

    @property
    def employers(self) -> tuple[str, ...]:
        """The agency that it works for, if any."""
        return (self.employer,) if self.employer else ()


def appoint(
    id: str, appointment: Appointment, before: Assessor | None, caller: Caller, now: datetime
) -> Assessor:
    """The assessor as the caller appoints it; conflicts of interest stay, that with an employer it had too."""
    new = Assessor(
        id=id,
        issuer=appointment.issuer,
        subject=appointment.subject,
        name=appointment.name,
        employer=appointment.employer,
        since=appointment.since,
        until=appointment.until,
    )
    if before is None:
        return new
    conflicts = {interest.agency: interest for interest in before.conflicts}
    if before.employer and before.employer != new.employer:
        left = Interest(before.employer, "was its employer", caller.id, now)
        conflicts.setdefault(before.employer, left)
    return replace(new, conflicts=_by_agency(conflicts), past=_past(before, new, now))


def check_of_another(caller: Caller, before: Assessor | None, after: Assessor) -> None:
    """Refuse to whoever is that assessor, or is to become it, to appoint it; raises Forbidden."""
    unchanged = before is not None and replace(after, rev=before.rev) == before
    own = (caller.issuer, caller.subject) in {assessor.identity for assessor in (before, after) if assessor}
    if own and not unchanged:
        raise Forbidden("Nobody appoints themselves: ask another officer.", "own-roles")


def is_due(known: Iterable[Assessor], identity: tuple[str, str], accepted_at: datetime) -> bool:
    """Whether an appointment that somebody accepted at that moment is still to be made.

    It is not where one was in force then or afterwards, or is to come: what an officer decided stays. `known` are the
    assessors who have that identity, or had it.
    """
    return not any(_outlasts(one, identity, accepted_at) for one in known)


def _outlasts(known: Assessor, identity: tuple[str, str], moment: datetime) -> bool:
    ends = [past.until for past in known.past if (past.issuer, past.subject) == identity]
    if known.identity == identity:
        ends.append(known.until or datetime.max.replace(tzinfo=moment.tzinfo))
    return any(moment < end for end in ends)


def _past(before: Assessor, after: Assessor, now: datetime) -> tuple[PastRole, ...]:
    end = min(before.until or now, now)
    told = (
        after.identity == before.identity
        and after.since <= before.since
        and (after.until is None or end <= after.until)
    )
    if told or end <= before.since:
        return before.past
    role = PastRole(
        issuer=before.issuer, subject=before.subject, role="assessor", since=before.since, until=end
    )
    return remember(before.past, role)


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
    return assessor.identity == (caller.issuer, caller.subject)


def declare(assessor: Assessor, caller: Caller, order: ConflictsOrder, now: datetime) -> Assessor:
    """Set the conflicts: the ministry replaces them, for a reason, an assessor only adds its own.

    An officer of the ministry who is the assessor itself only adds, too. Invalid without a reason where one is needed.
    """
    before = {interest.agency: interest for interest in assessor.conflicts}
    replaces = caller.has("ministry") and not is_itself(caller, assessor)
    conflicts = {} if replaces else dict(before)
    for declaration in order.declarations:
        known = before.get(declaration.agency)
        if known is None or (known.reason != declaration.reason and replaces):
            known = Interest(declaration.agency, declaration.reason, caller.id, now)
        conflicts[declaration.agency] = known
    after = replace(assessor, conflicts=_by_agency(conflicts))
    _check_reason(assessor, after, order.reason)
    return after


def _check_reason(before: Assessor, after: Assessor, reason: str | None) -> None:
    replaced = sorted(interest.agency for interest in before.conflicts if interest not in after.conflicts)
    if replaced and reason is None:
        raise Invalid(
            f"This takes back or rewrites what was declared about {', '.join(replaced)}: say why in `reason`.",
            "reason-needed",
            {"agencies": replaced},
        )


def _by_agency(conflicts: dict[str, Interest]) -> tuple[Interest, ...]:
    return tuple(conflicts[agency] for agency in sorted(conflicts))
