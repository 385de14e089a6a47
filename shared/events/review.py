"""What review publishes: assessors, cases, tasks, completed stages and the frozen set of ratings."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.core.people import PastRole
from shared.events.contract import HEARTBEAT, PRIVATE, STATE, event


@event("assessor.set.v1", producer="review", consumers=("scoring", "notify"), feeds=("ministry",), kind=STATE)
@dataclass(frozen=True, slots=True, kw_only=True)
class AssessorSet:
    """An external assessor is appointed from a moment to a moment (open when None).

    `past` are appointments that were cut short, or that stood for another identity.
    """

    assessor: str
    issuer: str
    subject: str
    since: datetime
    until: datetime | None = None
    past: tuple[PastRole, ...] = field(default=(), metadata=PRIVATE)


@event("case.opened.v1", producer="review", consumers=("notify",), feeds=("ministry", "agency"))
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A completed submission is now under review, through these stages."""

    case: str
    submission: str
    cycle: str
    agency: str
    stages: tuple[str, ...]


@event("task.assigned.v1", producer="review", consumers=("intake", "notify"), feeds=("ministry",))
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAssigned:
    """An assessor claimed a task until its lease ends."""

    task: str
    case: str
    agency: str
    stage: str
    assessor: str
    fence: int
    until: datetime


@event("task.released.v1", producer="review", consumers=("intake", "notify"), feeds=("ministry",))
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReleased:
    """A task is open again.

    Its assessor gave it back, the lease ran out, or a conflict of interest or the end of the appointment took it away.
    """

    task: str
    case: str
    agency: str
    stage: str
    assessor: str
    reason: str
    fence: int = 0


@event("task.finished.v1", producer="review", consumers=("intake", "notify"), feeds=("ministry",))
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished:
    """An assessor finished a task for good, under the claim that `fence` counts."""

    task: str
    case: str
    agency: str
    stage: str
    assessor: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRating:
    """The value of one indicator after a stage, and where it comes from.

    `origin` is own or carried, or, where nobody rates, external (an index of another ministry) or assumed;
    `carried_from` names the stage before. The words stay in review; their hash is here.
    """

    indicator: str
    value: str
    stage: str
    rating: str
    origin: str
    words_sha256: str
    carried_from: str | None = None


@event(
    "stage.completed.v1", producer="review", consumers=("intake", "scoring", "notify"), feeds=("ministry",)
)
@dataclass(frozen=True, slots=True, kw_only=True)
class StageCompleted:
    """A stage of a case is over; these are all its values, and `set_hash` covers exactly them."""

    case: str
    submission: str
    participation: str
    cycle: str
    agency: str
    edition: str
    stage: str
    completed_at: datetime
    set_hash: str
    ratings: tuple[StageRating, ...]


@event(
    "review.finalised.v1",
    producer="review",
    consumers=("intake", "scoring", "notify"),
    feeds=("ministry",),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFinalised:
    """The last stage is over and the set of ratings is frozen under `set_hash`.

    `assessors` are all who ever held a task of the case (empty: not said).
    """

    case: str
    submission: str
    participation: str
    cycle: str
    agency: str
    edition: str
    stage: str
    finalised_at: datetime
    set_hash: str
    ratings: tuple[StageRating, ...]
    assessors: tuple[str, ...] = field(default=(), metadata=PRIVATE)


@event(
    "clarification.asked.v1", producer="review", consumers=("intake", "notify"), feeds=("ministry", "agency")
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationAsked:
    """A stage asks the agency about an indicator, for the stage `stage`; it may answer until a moment.

    `version` counts from 1 how often the question was asked, in other words or with more time.
    """

    clarification: str
    case: str
    submission: str
    participation: str
    cycle: str
    agency: str
    stage: str
    indicator: str
    version: int
    asked_at: datetime
    until: datetime
    question: str = field(default="", metadata=PRIVATE)


@event(
    "clarification.withdrawn.v1",
    producer="review",
    consumers=("intake", "notify"),
    feeds=("ministry", "agency"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationWithdrawn:
    """A question to the agency was taken back: nothing is to be answered any more."""

    clarification: str
    case: str
    participation: str
    agency: str
    indicator: str
    withdrawn_at: datetime


@event("review.heartbeat.v1", producer="review", consumers=("scoring", "notify"), kind=HEARTBEAT)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHeartbeat:
    """Everything that review committed before `until` was published before this.

    With `rebuilding`, begun at `since`: so was everything that belongs to that rebuilding of the consumer's replicas.
    """

    until: datetime
    rebuilding: str = ""
    since: datetime | None = None
