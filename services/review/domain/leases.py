"""The lease of a task: one holder at a time, known by a fencing number that each claim counts up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.review.domain.assessors import Assessor
from services.review.domain.clarifications import ClarificationMark
from services.review.domain.ratings import RatingRef
from services.review.domain.tasks import Task
from shared.core.errors import Conflict, NotFound

LEASE: Final = timedelta(minutes=30)
LINK_LASTS: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Term:
    """When a lease begins, and for how long it is given."""

    begins: datetime
    length: timedelta = LEASE

    @property
    def ends(self) -> datetime:
        """When it is over, unless it is renewed."""
        return self.begins + self.length


def no_task() -> NotFound:
    """What everybody gets who may not know of a task, whether there is one or not."""
    return NotFound("There is no such task among those that you may take or hold.")


def check_may_claim(task: Task | None, me: Assessor) -> Task:
    """The task, for an assessor without a conflict of interest; NotFound for all others."""
    if task is None or task.agency in me.barred:
        raise no_task()
    return task


def claim(
    task: Task,
    me: Assessor,
    drafts: Sequence[RatingRef],
    marks: Sequence[ClarificationMark],
    term: Term,
) -> Task:
    """The task leased to the assessor, under the next fencing number; raises Conflict when it is not to be had.

    Who holds it already gets a new number: the window that has the old one cannot write any more. `drafts` and
    `marks` are what this assessor saved under earlier leases.
    """
    if task.state == "finished":
        raise Conflict("This task is finished: nobody can claim it any more.", "task-finished")
    if task.is_leased(term.begins) and task.assessor != me.id:
        raise Conflict("Somebody else holds this task now: choose another open one.", "task-taken")
    return replace(
        task,
        state="claimed",
        assessor=me.id,
        fence=task.fence + 1,
        until=_lease_end(me, term),
        claimed_at=term.begins,
        held_by=tuple(dict.fromkeys((*task.held_by, me.id))),
        rated=tuple(drafts),
        marks=tuple(marks),
    )


def check_held(task: Task | None, me: Assessor, fence: int, now: datetime, yours: Mapping[str, Any]) -> Task:
    """The task, for the assessor who holds it under this fence and has no conflict of interest.

    Conflict "lost-lease" gives `yours` back to who held it, NotFound to everybody else.
    """
    if task is None:
        raise no_task()
    held = take_away(task, me) or task
    check_lease(held, me.id, fence, now, yours)
    return held


def check_at_bench(task: Task | None, me: Assessor | None, now: datetime) -> Task:
    """The task, for the assessor who holds it now; Conflict "lost-lease" for who held it, NotFound for all others."""
    if task is None or me is None:
        raise no_task()
    return check_held(task, me, task.fence, now, {})


def check_lease(task: Task, assessor: str, fence: int, now: datetime, yours: Mapping[str, Any]) -> None:
    """Let the holder pass; Conflict "lost-lease" gives `yours` back to who held it, NotFound to everybody else."""
    if task.is_held_by(assessor, now) and task.fence == fence:
        return
    if assessor not in task.held_by:
        raise no_task()
    raise Conflict(
        f"You do not hold this task any more ({_loss(task, assessor, now)}). Nothing was saved; what you sent is "
        "in `yours`. Claim the task again if it is open, and send it once more.",
        "lost-lease",
        {"yours": dict(yours), "task": task.id, "state": "open" if task.has_expired(now) else task.state},
    )


def renew(task: Task, me: Assessor, term: Term) -> Task:
    """The lease for another term, as far as the appointment goes; it never becomes shorter."""
    assert task.until is not None
    return replace(task, until=max(task.until, _lease_end(me, term)))


def link_end(task: Task, now: datetime) -> datetime:
    """When a link ends that the holder of a task is given now: with the lease at the latest."""
    assert task.until is not None
    return min(now + LINK_LASTS, task.until)


def release(task: Task) -> Task:
    """The task open for anybody again."""
    return replace(task, state="open", until=None)


def expire(task: Task | None, now: datetime) -> Task | None:
    """The task released when its lease is over, else None."""
    return release(task) if task and task.has_expired(now) else None


def take_away(task: Task, holder: Assessor) -> Task | None:
    """The task released when its holder may not assess this agency any more, else None."""
    own = task.state == "claimed" and task.assessor == holder.id
    return release(task) if own and task.agency in holder.barred else None


def end_appointment(task: Task, before: Assessor, after: Assessor, now: datetime) -> Task | None:
    """The task that its holder loses with the appointment: released, or with a lease cut short; None when it stays."""
    if before.identity != after.identity or not after.is_appointed(now):
        return release(task)
    return (
        replace(task, until=after.until) if after.until and task.until and after.until < task.until else None
    )


def _lease_end(me: Assessor, term: Term) -> datetime:
    return min(term.ends, me.until) if me.until else term.ends


def _loss(task: Task, assessor: str, now: datetime) -> str:
    if task.state == "finished":
        return "it is finished"
    if task.is_held_by(assessor, now):
        return "you claimed it once more elsewhere"
    return "somebody else holds it" if task.is_leased(now) else "the lease is over"
