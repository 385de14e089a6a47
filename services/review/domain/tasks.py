"""A task: what one assessor rates and marks in one stage of a case, until it is finished for good."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.review.domain.cases import Case
from services.review.domain.clarifications import ClarificationMark, check_marks
from services.review.domain.ratings import MOST_WRITTEN, Rating, RatingRef
from shared.core.errors import Conflict, Invalid, NotFound
from shared.core.text import says_something


@dataclass(frozen=True)
class TaskCounts:
    """How many tasks an assessor holds now, and how many it finished."""

    held: int = 0
    finished: int = 0


@dataclass(frozen=True)
class Task:
    """What one assessor does in one stage of a case; `fence` counts its claims, `held_by` names who made them.

    `assessor` is the last holder, since `claimed_at`; `rated` and `marks` are that one's own work: nobody goes on with
    another's. `questions` are the marks of the stage before.
    """

    id: str
    case: str
    cycle: str
    agency: str
    stage: str
    indicators: tuple[str, ...]
    opened_at: datetime
    state: str = "open"
    fence: int = 0
    assessor: str | None = None
    until: datetime | None = None
    held_by: tuple[str, ...] = ()
    rated: tuple[RatingRef, ...] = ()
    marks: tuple[ClarificationMark, ...] = ()
    questions: tuple[ClarificationMark, ...] = ()
    finished_at: datetime | None = None
    claimed_at: datetime | None = None
    rev: int = 0

    @property
    def asked(self) -> int:
        """How many indicators are to be rated."""
        return len(self.indicators)

    @property
    def done(self) -> int:
        """How many indicators the last holder gave a value."""
        return sum(ref.is_valued for ref in self.rated)

    def is_leased(self, now: datetime) -> bool:
        """Whether somebody holds it now."""
        return self.state == "claimed" and self.until is not None and now < self.until

    def is_held_by(self, assessor: str, now: datetime) -> bool:
        """Whether this assessor holds it now."""
        return self.is_leased(now) and self.assessor == assessor

    def has_expired(self, now: datetime) -> bool:
        """Whether it was claimed and its lease is over."""
        return self.state == "claimed" and not self.is_leased(now)

    def was_finished_by(self, assessor: str, fence: int) -> bool:
        """Whether this assessor finished it under this claim."""
        return self.state == "finished" and (self.assessor, self.fence) == (assessor, fence)

    def rates_all(self, codes: Sequence[str]) -> bool:
        """Whether it rates every indicator of the edition, so that nothing is carried over."""
        return set(codes) == set(self.indicators)

    def latest_rating(self, indicator: str) -> RatingRef | None:
        """The latest rating of an indicator, if there is one."""
        return next((ref for ref in self.rated if ref.indicator == indicator), None)

    def next_version(self, indicator: str) -> int:
        """The version that the next rating of an indicator gets, from 1."""
        latest = self.latest_rating(indicator)
        return latest.version + 1 if latest else 1


def open_task(
    id: str, case: Case, indicators: Sequence[str], questions: Sequence[ClarificationMark], now: datetime
) -> Task:
    """A task that rates these indicators in the present stage of a case."""
    return Task(
        id=id,
        case=case.id,
        cycle=case.cycle,
        agency=case.agency,
        stage=case.current_stage,
        indicators=tuple(indicators),
        opened_at=now,
        questions=tuple(questions),
    )


def check_asked(task: Task, indicator: str) -> None:
    """Refuse an indicator that this task does not ask."""
    if indicator not in task.indicators:
        raise Invalid(
            f"Indicator {indicator} is not asked in this task; it asks {', '.join(task.indicators)}.",
            "not-in-task",
        )


def check_at_desk(task: Task, indicator: str) -> None:
    """Refuse the page of an indicator that this task does not ask."""
    if indicator not in task.indicators:
        raise NotFound(f"This task does not ask indicator {indicator}: go on from its list of indicators.")


def add_rating(task: Task, rating: RatingRef) -> Task:
    """The task with a newer rating of one of its indicators; Conflict when all its versions become too many."""
    latest = task.latest_rating(rating.indicator)
    written = rating.written + (latest.written if latest else 0)
    if written > MOST_WRITTEN:
        raise Conflict(
            f"The versions of this rating have {MOST_WRITTEN} bytes together already: no further one is kept.",
            "too-many-versions",
        )
    others = (ref for ref in task.rated if ref.indicator != rating.indicator)
    return replace(task, rated=(*others, replace(rating, written=written)))


def mark(
    task: Task, marks: Sequence[ClarificationMark], codes: Sequence[str], next_stage: str | None
) -> Task:
    """The task with these marks for the next stage, in the order of the edition's codes; raises Invalid."""
    return replace(task, marks=check_marks(marks, codes, task.stage, next_stage))


def marks_with(task: Task, indicator: str, question: str) -> tuple[ClarificationMark, ...]:
    """The marks of a task with this question about an indicator; an empty question takes its mark back."""
    others = tuple(mark for mark in task.marks if mark.indicator != indicator)
    return (*others, ClarificationMark(indicator, question)) if says_something(question) else others


def missing_ratings(task: Task, own: Sequence[Rating]) -> dict[str, list[str]]:
    """What stands against finishing: for each indicator, the parts that nobody wrote."""
    ratings = {rating.indicator: rating for rating in own}
    absent = {code: _absent(ratings.get(code)) for code in task.indicators}
    return {code: parts for code, parts in absent.items() if parts}


def finish(task: Task, own: Sequence[Rating], now: datetime) -> Task:
    """The task finished for good with its own ratings; raises Invalid that lists what was not rated completely."""
    missing = missing_ratings(task, own)
    if missing:
        raise Invalid(
            f"{len(missing)} of {task.asked} indicators are not rated completely: see `missing`.",
            "unrated",
            {"missing": missing},
        )
    return replace(task, state="finished", until=None, finished_at=now)


def _absent(rating: Rating | None) -> list[str]:
    if rating is None or rating.explanation is None:
        return ["value"]
    return [*([] if rating.value else ["value"]), *rating.explanation.empty]
