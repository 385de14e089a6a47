"""How an agency takes part in a cycle: its windows, what may change, and what may come when."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.cases import CaseProgress
from services.intake.domain.registry import Agency, check_exists
from services.intake.domain.rounds import Cycle
from shared.core.canonical import timestamp
from shared.core.errors import Conflict, Invalid
from shared.core.people import AGENCY_ROLES, Caller
from shared.instrument import Edition


@dataclass(frozen=True)
class StageReached:
    """How far the agency's case is: the last stage that is over; `sequence` is the event's."""

    code: str
    completed_at: datetime
    sequence: int


@dataclass(frozen=True)
class Published:
    """The agency's published result; `sequence` is the event's."""

    index: str
    predicate: str
    version: int
    published_at: datetime
    sequence: int


@dataclass(frozen=True)
class Participation:
    """One agency in one cycle; its own deadline and end for bytes stand before the cycle's."""

    id: str
    cycle: str
    agency: str
    activity: str
    visit: bool
    deadline: datetime | None = None
    bytes_until: datetime | None = None
    submission: str | None = None
    completed_at: datetime | None = None
    stage: StageReached | None = None
    result: Published | None = None
    case: CaseProgress | None = None
    rev: int = 0

    @property
    def state(self) -> str:
        """answering, sealed, completed or published."""
        if self.result:
            return "published"
        if self.submission:
            return "completed" if self.completed_at else "sealed"
        return "answering"


@dataclass(frozen=True)
class Extension:
    """More time for one agency, and why."""

    deadline: datetime
    reason: str
    bytes_until: datetime | None = None


@dataclass(frozen=True)
class Windows:
    """When one agency may answer and seal, and until when its bytes may come."""

    opens: datetime
    deadline: datetime
    bytes_until: datetime


def windows(cycle: Cycle, participation: Participation) -> Windows:
    """The times that hold for one participation."""
    deadline = participation.deadline or cycle.deadline
    usual = max(cycle.bytes_until, deadline + (cycle.bytes_until - cycle.deadline))
    return Windows(cycle.opens, deadline, participation.bytes_until or usual)


@dataclass(frozen=True)
class ParticipationOrder:
    """How the ministry has an agency take part."""

    activity: str
    visit: bool
    deadline: datetime | None = None

    def of(self, id: str) -> Participation:
        """The participation of that id, CYCLE.AGENCY."""
        cycle, _, agency = id.partition(".")
        return Participation(id, cycle, agency, self.activity, self.visit, self.deadline)


@dataclass(frozen=True)
class ParticipationFilter:
    """Which participations are asked for; None: whatever the cycle, the agency, the state (or `late`).

    Every one of the words stands in the agency's name or id.
    """

    cycle: str | None = None
    agency: str | None = None
    state: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParticipationView:
    """A participation, and the times that hold for it."""

    participation: Participation
    windows: Windows


def visible_agencies(caller: Caller, agency: str | None) -> frozenset[str] | None:
    """Of which agencies somebody may list the participations, when they ask for one or all; None: of any."""
    if caller.has("ministry"):
        return None if agency is None else frozenset({agency})
    own = caller.agencies(*AGENCY_ROLES)
    return frozenset(own if agency is None else own & {agency})


def changed(stored: Participation | None, wanted: Participation) -> Participation:
    """The participation as the ministry wants it; a deadline that is left out stays as it is.

    An own end for bytes that the new deadline would leave behind gives way to the usual one.
    """
    if stored is None:
        return wanted
    deadline, end = wanted.deadline or stored.deadline, stored.bytes_until
    end = None if deadline and end and end < deadline else end
    return replace(stored, activity=wanted.activity, visit=wanted.visit, deadline=deadline, bytes_until=end)


def check_activity(edition: Edition, participation: Participation) -> None:
    """Refuse an activity that the edition does not know, or a visit that the activity does not have."""
    optional = edition.optional_stages(participation.activity)
    if participation.visit and "visit" not in optional:
        raise Invalid(f"The activity {participation.activity} knows no visit.", "no-visit")


def check_participation(
    cycle: Cycle, edition: Edition, stored: Participation | None, wanted: Participation
) -> None:
    """Refuse a participation that the edition, the seal or the cycle's times do not allow."""
    check_activity(edition, wanted)
    if stored:
        check_change(edition, stored, wanted)
    check_no_extension(cycle, stored, wanted)
    if wanted.deadline and wanted.deadline <= cycle.opens:
        raise Invalid(f"The deadline must be later than {timestamp(cycle.opens)}.", "bad-windows")


def check_no_extension(cycle: Cycle, stored: Participation | None, wanted: Participation) -> None:
    """Refuse more time for one agency in an open cycle: that is an extension, which has a reason."""
    before = windows(cycle, stored or replace(wanted, deadline=None))
    if cycle.opened_at and windows(cycle, wanted).deadline > before.deadline:
        raise Conflict(
            f"The cycle {cycle.id} is open: give more time with its reason (POST …/extension).",
            "extension-needed",
        )


def check_taking_part(agency: Agency, participation: Participation, now: datetime) -> None:
    """Refuse what an agency that is over cannot do any more; what it sealed while it existed goes on."""
    if not participation.submission:
        check_exists(agency, now)


def check_change(edition: Edition, stored: Participation, wanted: Participation) -> None:
    """Refuse after the seal every change but that of the visit, and that one too when its turn has come."""
    if replace(wanted, visit=stored.visit) != stored:
        check_unsealed(stored)
    elif stored.result or (stored.stage and not _visit_is_ahead(edition, stored.activity, stored.stage)):
        raise Conflict(
            "The stage before the visit is over: whether there is a visit cannot change any more.",
            "visit-decided",
        )


def _visit_is_ahead(edition: Edition, activity: str, over: StageReached) -> bool:
    stages = edition.stages(activity)
    return over.code in stages[: max(stages.index("visit") - 1, 0)]


def check_unsealed(participation: Participation) -> None:
    """Refuse to change what was sealed already."""
    if participation.submission:
        raise Conflict(
            "This self-assessment is sealed; it does not change any more.",
            "already-sealed",
            {"submission": participation.submission},
        )


def check_writable(cycle: Cycle, participation: Participation, now: datetime) -> None:
    """Refuse answers and seals outside of the window; the very second of the deadline is in time."""
    check_unsealed(participation)
    times = windows(cycle, participation)
    _check_open(cycle, times, now)
    if is_over(times.deadline, now):
        raise Conflict(
            f"The deadline was {timestamp(times.deadline)}. Only the ministry can extend it.",
            "deadline-passed",
            {"deadline": times.deadline},
        )


def check_uploading(cycle: Cycle, participation: Participation, now: datetime) -> None:
    """Refuse files before the cycle opens, after the deadline unless sealed, and when nothing more can come."""
    times = windows(cycle, participation)
    last = times.bytes_until if participation.submission else times.deadline
    _check_open(cycle, times, now)
    if participation.completed_at:
        raise Conflict("The submission is complete: no more files are taken.", "already-completed")
    if is_over(last, now):
        raise Conflict(f"Files were taken until {timestamp(last)}.", "uploads-closed")


def _check_open(cycle: Cycle, times: Windows, now: datetime) -> None:
    if cycle.opened_at is None:
        raise Conflict(f"The ministry has not opened the cycle {cycle.id} yet.", "not-open-yet")
    if now < times.opens:
        raise Conflict(f"The cycle {cycle.id} opens at {timestamp(times.opens)}.", "not-open-yet")


def is_newer(known: StageReached | Published | None, sequence: int) -> bool:
    """Whether an event of that sequence number says something later than what is known."""
    return known is None or known.sequence < sequence


def is_over(last: datetime, arrived: datetime) -> bool:
    """Whether a request arrived after the very second of a deadline."""
    return arrived.replace(microsecond=0) > last


def extended(cycle: Cycle, participation: Participation, extension: Extension) -> Participation:
    """The participation with more time; Invalid when the extension takes time away or gives none."""
    before = windows(cycle, participation)
    given = replace(participation, deadline=extension.deadline, bytes_until=extension.bytes_until)
    after = windows(cycle, given)
    if extension.bytes_until is None:
        after = replace(after, bytes_until=max(after.bytes_until, before.bytes_until))
    if after.deadline < before.deadline or after.bytes_until < max(before.bytes_until, after.deadline):
        raise Invalid(
            "An extension moves the deadline and the end for bytes to later, never to earlier, "
            "and bytes may come until the deadline at least.",
            "bad-extension",
            {"deadline": before.deadline, "bytes_until": before.bytes_until},
        )
    if after == before:
        raise Invalid("Nothing is extended: name a later time.", "bad-extension")
    return replace(given, bytes_until=after.bytes_until)
