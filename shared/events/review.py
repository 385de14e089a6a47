"""What review publishes: assessors, cases, tasks, completed stages and the frozen set of ratings."""

from dataclasses import dataclass
from datetime import datetime

from shared.events.contract import event


@event("assessor.set.v1", producer="review", consumers=("scoring", "notify"))
@dataclass(frozen=True, slots=True, kw_only=True)
class AssessorSet:
    """An external assessor is appointed from a moment to a moment (open when None)."""

    assessor: str
    issuer: str
    subject: str
    since: datetime
    until: datetime | None = None


@event("case.opened.v1", producer="review", consumers=("notify",), feeds=("ministry", "agency"))
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A completed submission is now under review, through these stages."""

    case: str
    submission: str
    cycle: str
    agency: str
    stages: tuple[str, ...]


@event("task.assigned.v1", producer="review", consumers=("notify",))
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


@event("task.released.v1", producer="review", consumers=("notify",))
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReleased:
    """A task is open again: its assessor gave it back, or the lease ran out."""

    task: str
    case: str
    agency: str
    stage: str
    assessor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRating:
    """The value of one indicator after a stage, and where it comes from.

    `origin` is own or carried; `carried_from` names the stage before. The words stay in review; their hash is here.
    """

    indicator: str
    value: str
    stage: str
    rating: str
    origin: str
    words_sha256: str
    carried_from: str | None = None


@event("stage.completed.v1", producer="review", consumers=("intake", "scoring", "notify"))
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


@event("review.finalised.v1", producer="review", consumers=("scoring", "notify"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFinalised:
    """The last stage is over and the set of ratings is frozen under `set_hash`."""

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
