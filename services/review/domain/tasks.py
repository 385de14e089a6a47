"""A task and its lease: one holder at a time, known by a fencing number that each claim counts up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.review.domain.ratings import Words
from shared.core.errors import Conflict, Invalid, NotFound

LEASE: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Rated:
    """The newest rating of one indicator within a task."""

    indicator: str
    rating: str
    version: int


@dataclass(frozen=True)
class Mark:
    """An indicator to be clarified in the next stage, and the question to the agency."""

    indicator: str
    question: str


@dataclass(frozen=True)
class Task:
    """What one assessor does in one stage of a case; `fence` counts its claims, `held_by` names who made them.

    `assessor` is the last holder, `rated` and `marks` are that one's own work: nobody goes on with another's.
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
    rated: tuple[Rated, ...] = ()
    marks: tuple[Mark, ...] = ()
    questions: tuple[Mark, ...] = ()
    finished_at: datetime | None = None
    rev: int = 0

    def live(self, now: datetime) -> bool:
        """Whether somebody holds it now."""
        return self.state == "claimed" and self.until is not None and now < self.until

    def held(self, assessor: str, now: datetime) -> bool:
        """Whether this assessor holds it now."""
        return self.live(now) and self.assessor == assessor

    def newest(self, indicator: str) -> Rated | None:
        """The newest rating of an indicator, if there is one."""
        return next((one for one in self.rated if one.indicator == indicator), None)


def claim(
    task: Task,
    assessor: str,
    drafts: Sequence[Rated],
    marks: Sequence[Mark],
    now: datetime,
    length: timedelta = LEASE,
) -> Task:
    """The task leased to the assessor, under the next fencing number; raises Conflict when it is not to be had.

    Who holds it already gets a new number: the window that has the old one cannot write any more. `drafts` and
    `marks` are what this assessor saved under earlier leases.
    """
    if task.state == "finished":
        raise Conflict("This task is finished.", "task-finished")
    if task.live(now) and task.assessor != assessor:
        raise Conflict("Somebody else holds this task now: choose another open one.", "task-taken")
    return replace(
        task,
        state="claimed",
        assessor=assessor,
        fence=task.fence + 1,
        until=now + length,
        held_by=tuple(dict.fromkeys((*task.held_by, assessor))),
        rated=tuple(drafts),
        marks=tuple(marks),
    )


def no_task() -> NotFound:
    """What everybody gets who may not know of a task, whether there is one or not."""
    return NotFound("There is no such task among those that you may take or hold.")


def check_lease(task: Task, assessor: str, fence: int, now: datetime, yours: Mapping[str, Any]) -> None:
    """Let the holder pass; Conflict "lost-lease" gives `yours` back to who held it, NotFound to everybody else."""
    if task.held(assessor, now) and task.fence == fence:
        return
    if assessor not in task.held_by:
        raise no_task()
    raise Conflict(
        f"You do not hold this task any more ({_loss(task, assessor, now)}). Nothing was saved; what you sent is "
        "in `yours`. Claim the task again if it is open, and send it once more.",
        "lost-lease",
        {"yours": dict(yours), "task": task.id, "state": "claimed" if task.live(now) else _rest(task)},
    )


def renew(task: Task, now: datetime, length: timedelta = LEASE) -> Task:
    """The lease from now on for its full length; it never becomes shorter."""
    assert task.until is not None
    return replace(task, until=max(task.until, now + length))


def release(task: Task) -> Task:
    """The task open for anybody again."""
    return replace(task, state="open", until=None)


def expire(task: Task, now: datetime) -> Task | None:
    """The task released when its lease is over, else None."""
    return release(task) if task.state == "claimed" and not task.live(now) else None


def take_away(task: Task, assessor: str, barred: frozenset[str]) -> Task | None:
    """The task released when its holder may not assess this agency any more, else None."""
    mine = task.state == "claimed" and task.assessor == assessor
    return release(task) if mine and task.agency in barred else None


def rated(task: Task, indicator: str, rating: str) -> Task:
    """The task with a newer rating of one of its indicators; raises Invalid for one that is not asked here."""
    if indicator not in task.indicators:
        raise Invalid(
            f"Indicator {indicator} is not asked in this task; it asks {', '.join(task.indicators)}.",
            "not-in-task",
        )
    before = task.newest(indicator)
    new = Rated(indicator, rating, before.version + 1 if before else 1)
    others = (one for one in task.rated if one.indicator != indicator)
    return replace(task, rated=(*others, new))


def mark(task: Task, marks: Sequence[Mark], codes: Sequence[str], next_stage: str | None) -> Task:
    """The task with these marks for the next stage, in the edition's order; raises Invalid."""
    if marks and next_stage is None:
        raise Invalid(
            f"No stage comes after {task.stage} in this case, so nothing can be clarified.", "no-next-stage"
        )
    asked = {one.indicator: one for one in marks}
    strange = [code for code in asked if code not in codes]
    if strange:
        raise Invalid(
            f"The edition has no indicator {', '.join(strange)}.",
            "unknown-indicator",
            {"indicators": strange},
        )
    if len(asked) < len(marks):
        raise Invalid("Mark each indicator once, with all that you want to ask.", "marked-twice")
    return replace(task, marks=tuple(asked[code] for code in codes if code in asked))


def missing_ratings(task: Task, words: Mapping[str, Words | None]) -> dict[str, list[str]]:
    """What stands against finishing: for each indicator, the parts that nobody wrote."""
    found = {code: _absent(words.get(code)) for code in task.indicators}
    return {code: parts for code, parts in found.items() if parts}


def finish(task: Task, missing: Mapping[str, Sequence[str]], now: datetime) -> Task:
    """The task finished for good; raises Invalid that lists what was not rated."""
    if missing:
        raise Invalid(
            f"{len(missing)} of {len(task.indicators)} indicators are not rated completely: see `missing`.",
            "unrated",
            {"missing": {code: list(parts) for code, parts in missing.items()}},
        )
    return replace(task, state="finished", until=None, finished_at=now)


def _absent(words: Words | None) -> list[str]:
    return ["value"] if words is None else list(words.empty)


def _loss(task: Task, assessor: str, now: datetime) -> str:
    if task.state == "finished":
        return "it is finished"
    if task.held(assessor, now):
        return "you claimed it once more elsewhere"
    return "somebody else holds it" if task.live(now) else "the lease is over"


def _rest(task: Task) -> str:
    return "finished" if task.state == "finished" else "open"
