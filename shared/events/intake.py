"""What intake publishes: editions, cycles, agencies, people, participations and sealed submissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.core.people import PastRole
from shared.events.contract import HEARTBEAT, PRIVATE, STATE, event
from shared.events.files import EvidenceFile, MissingFile


@event(
    "edition.published.v1",
    producer="intake",
    consumers=("review", "scoring", "notify"),
    feeds=("ministry",),
    kind=STATE,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPublished:
    """An edition of the instrument is in force and will never change."""

    edition: str
    guide_version: str
    hash: str
    content: Mapping[str, Any]


@event(
    "cycle.opened.v1",
    producer="intake",
    consumers=("review", "scoring", "notify"),
    feeds=("ministry", "every-agency"),
    kind=STATE,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CycleOpened:
    """A year's round has begun: its edition and its windows.

    An agency has `clarification_days` to answer a question of the assessors, and reads with its published result what
    they wrote where `shows_words` says so.
    """

    cycle: str
    title: str
    edition: str
    opens: datetime
    deadline: datetime
    bytes_until: datetime
    clarification_days: int = 7
    shows_words: bool = True


@event(
    "agency.set.v1",
    producer="intake",
    consumers=("review", "scoring", "notify"),
    feeds=("ministry", "agency"),
    kind=STATE,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySet:
    """An agency's name, group and validity are now these."""

    agency: str
    name: str
    group: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberGrant:
    """One role, for one agency or for none, from a moment to a moment (open when None)."""

    role: str
    agency: str | None
    since: datetime
    until: datetime | None = None


@event(
    "member.set.v1",
    producer="intake",
    consumers=("review", "scoring", "notify"),
    feeds=("ministry",),
    kind=STATE,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSet:
    """A person or machine client may now do exactly this; `past` is what was taken away before its time.

    `name` is how pages call them; nothing before they have signed in.
    """

    person: str
    issuer: str
    subject: str
    grants: tuple[MemberGrant, ...]
    past: tuple[PastRole, ...] = field(default=(), metadata=PRIVATE)
    name: str = field(default="", metadata=PRIVATE)


@event("appointment.accepted.v1", producer="intake", consumers=("review",))
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentAccepted:
    """Whom an officer of the ministry invited as an assessor accepted it: review appoints them for that officer.

    `by` is the officer, who is never the one appointed; `employer` the agency for which that one works, if any.
    """

    invitation: str
    issuer: str
    subject: str
    name: str
    by: str
    by_issuer: str
    by_subject: str
    accepted_at: datetime
    employer: str | None = None


@event(
    "participation.set.v1",
    producer="intake",
    consumers=("review", "notify"),
    feeds=("ministry", "agency"),
    kind=STATE,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipationSet:
    """An agency takes part in a cycle with this activity, deadline and visit decision."""

    participation: str
    cycle: str
    agency: str
    activity: str
    visit: bool
    deadline: datetime


@event(
    "external_index.set.v1",
    producer="intake",
    consumers=("review", "notify"),
    feeds=("ministry", "agency"),
    kind=STATE,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIndexSet:
    """What another ministry's index says of an agency for a year, as exact text; `version` counts its corrections.

    `source` is the key by which editions name that index; `provenance` says where it was made known.
    """

    agency: str
    source: str
    year: int
    index: str
    provenance: str
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerValue:
    """The agency's own value for one indicator, as exact text ("3", "2.75", "7/6").

    `origin` says where one comes from that nobody typed: external (an index of another ministry), or assumed.
    """

    indicator: str
    value: str
    origin: str = ""


@event(
    "submission.sealed.v1", producer="intake", consumers=("scoring", "notify"), feeds=("ministry", "agency")
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionSealed:
    """An agency sealed its answers and the list of its files; bytes may still travel."""

    submission: str
    participation: str
    cycle: str
    agency: str
    edition: str
    edition_hash: str
    version: int
    sealed_at: datetime
    root: str
    answers: tuple[AnswerValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedAnswer:
    """One sealed answer; the words are None when they would make the event too large.

    `subject` is what the agency itself named as assessed, such as one of its services. `origin` says where a value
    comes from that nobody typed: external (an index of another ministry), or assumed.
    """

    indicator: str
    value: str
    evidence: tuple[str, ...]
    words_sha256: str
    facts: str | None = None
    analysis: str | None = None
    subject: str | None = None
    origin: str = ""


@event(
    "submission.completed.v1", producer="intake", consumers=("review", "notify"), feeds=("ministry", "agency")
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionCompleted:
    """Every byte of a sealed submission has come, or the time for bytes is over.

    `activity` and `visit` are those of the participation's event number `participation_sequence` (0: not said);
    `minutes_paragraphs` is None where the agency did not say how many its minutes have.
    """

    submission: str
    participation: str
    cycle: str
    agency: str
    edition: str
    activity: str
    visit: bool
    completed_at: datetime
    answers: tuple[SubmittedAnswer, ...]
    files: tuple[EvidenceFile, ...]
    missing: tuple[MissingFile, ...] = ()
    words_included: bool = True
    participation_sequence: int = 0
    minutes_paragraphs: int | None = None


@event(
    "clarification.answered.v1",
    producer="intake",
    consumers=("review", "notify"),
    feeds=("ministry", "agency"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationAnswered:
    """An agency answered, for good, the question as it was asked the `version`-th time, in words and with files."""

    clarification: str
    case: str
    submission: str
    participation: str
    cycle: str
    agency: str
    indicator: str
    version: int
    answered_at: datetime
    words_sha256: str
    files: tuple[EvidenceFile, ...] = ()
    words: str = field(default="", metadata=PRIVATE)


@event("session.ended.v1", producer="intake", consumers=("review", "scoring", "notify"))
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """A session is over, by signing out or by its time: its cookies count no more."""

    session: str


@event("intake.heartbeat.v1", producer="intake", consumers=("review", "scoring", "notify"), kind=HEARTBEAT)
@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeHeartbeat:
    """Everything that intake committed before `until` was published before this.

    With `rebuilding`, begun at `since`: so was everything that belongs to that rebuilding of the consumer's replicas.
    """

    until: datetime
    rebuilding: str = ""
    since: datetime | None = None
