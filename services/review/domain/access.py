"""Who may see what: assessors, cases, tasks, and who wrote a rating."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.review.domain.assessors import Assessor, AssessorState, is_itself
from services.review.domain.cases import Case
from services.review.domain.leases import no_task
from services.review.domain.patches import RatingOutcome
from services.review.domain.ratings import Rating
from services.review.domain.tasks import Task
from shared.core.errors import NotFound
from shared.core.people import Caller

AskedTasks = Literal["open", "mine", "all"]
TaskScope = Literal["open", "mine", "known", "all"]


@dataclass(frozen=True)
class AssessorFilter:
    """Assessors whose name or id says every word, in a state (None: any)."""

    words: tuple[str, ...] = ()
    state: AssessorState | None = None


@dataclass(frozen=True)
class CaseFilter:
    """Cases of a cycle, in a state, that an assessor has or had tasks of (None: any), of no barred agency.

    And in a stage, and of these agencies (None: any).
    """

    cycle: str | None = None
    state: str | None = None
    assessor: str | None = None
    barred: frozenset[str] = frozenset()
    stage: str | None = None
    agencies: frozenset[str] | None = None


@dataclass(frozen=True)
class TaskFilter:
    """Tasks of a cycle (None: any), of no barred agency, within a scope.

    open: to be claimed now; mine: leased to `assessor` now; known: open, or ever claimed by `assessor`; all.
    """

    scope: TaskScope
    assessor: str | None = None
    cycle: str | None = None
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ListedTask:
    """A task as lists show it: a lease that is over counts as open, and the fence is for its holder only."""

    id: str
    case: str
    cycle: str
    agency: str
    stage: str
    state: str
    until: datetime | None
    assessor: str | None
    asked: int
    done: int | None
    opened_at: datetime
    finished_at: datetime | None
    fence: None = None


def check_sees_assessor(assessor: Assessor | None, caller: Caller, id: str) -> Assessor:
    """The assessor, for the ministry and for itself; NotFound for all others, as for one that does not exist."""
    if assessor is None or not (caller.has("ministry") or is_itself(caller, assessor)):
        raise NotFound(f"There is no assessor {id}.")
    return assessor


def check_is_assessor(me: Assessor | None) -> Assessor:
    """The assessor that the caller is; NotFound for somebody else."""
    if me is None:
        raise NotFound("You are not appointed as an assessor.")
    return me


def check_sees(case: Case | None, caller: Caller, held: Task | None, me: Assessor | None) -> Case:
    """The case, for the ministry and for the assessor who holds a task of it; never with a conflict of interest.

    Everybody else gets the NotFound that a case which does not exist gives.
    """
    if case is not None and (caller.has("ministry") or held) and not _is_barred(case, me):
        return case
    raise _no_case()


def check_holds(case: Case | None, held: Task | None, me: Assessor | None) -> Task:
    """The held task of a case, for its holder without a conflict of interest; NotFound for all others."""
    if case is not None and held and not _is_barred(case, me):
        return held
    raise _no_case()


def check_holds_task(task: Task | None, me: Assessor | None, now: datetime) -> Task:
    """The task, for its holder without a conflict of interest; NotFound for all others."""
    if task and me and task.is_held_by(me.id, now) and task.agency not in me.barred:
        return task
    raise no_task()


def visible_cases(
    caller: Caller, me: Assessor | None, cycle: str | None, state: str | None
) -> CaseFilter | None:
    """The ministry sees all cases, an assessor those that it has or had tasks of; None when the caller sees none."""
    if caller.has("ministry"):
        return CaseFilter(cycle, state)
    return CaseFilter(cycle, state, me.id, me.barred) if me else None


def visible_tasks(caller: Caller, me: Assessor | None, which: AskedTasks, cycle: str | None) -> TaskFilter:
    """Those of the asked tasks that the caller may know of: an assessor none of an agency that it may not assess."""
    ministry = caller.has("ministry")
    scope: TaskScope = "known" if which == "all" and not ministry else which
    barred = me.barred if me and not ministry else frozenset[str]()
    return TaskFilter(scope, me.id if me else None, cycle, barred)


def list_task(task: Task, caller: Caller, me: Assessor | None, now: datetime) -> ListedTask:
    """The task as the caller's list shows it.

    Only the ministry reads who holds it, and how far somebody else came with it.
    """
    leased, ministry = task.is_leased(now), caller.has("ministry")
    own = me is not None and task.assessor == me.id
    state = "open" if task.has_expired(now) else task.state
    return ListedTask(
        id=task.id,
        case=task.case,
        cycle=task.cycle,
        agency=task.agency,
        stage=task.stage,
        state=state,
        until=task.until if leased else None,
        assessor=task.assessor if state != "open" and ministry else None,
        asked=task.asked,
        done=task.done if own or ministry else None,
        opened_at=task.opened_at,
        finished_at=task.finished_at,
    )


def show_rating(rating: Rating, caller: Caller) -> Rating:
    """The rating as the caller reads it: only the ministry reads who wrote it, `author` is None for others."""
    return rating if caller.has("ministry") else replace(rating, author=None)


def show_outcome(outcome: RatingOutcome, caller: Caller) -> RatingOutcome:
    """What became of a patch as the caller reads it."""
    return replace(outcome, stored=show_rating(outcome.stored, caller) if outcome.stored else None)


def _is_barred(case: Case, me: Assessor | None) -> bool:
    return me is not None and case.agency in me.barred


def _no_case() -> NotFound:
    return NotFound("There is no such case among those that you may open now.")
