"""The events about tasks and stages, said from review's own values."""

from collections.abc import Sequence
from datetime import datetime

from services.review.domain import Case, Rating, Task
from shared.events.review import ReviewFinalised, StageCompleted, StageRating, TaskAssigned, TaskReleased
from shared.storage.transaction import Transaction


def root(case: str) -> str:
    """The subject below which everything of a case stands."""
    return f"case:{case}"


def tell_assigned(tx: Transaction, task: Task, assessor: str, until: datetime) -> None:
    """Say and write down that a task was claimed."""
    tx.audit(root(task.case), "task.claimed", task=task.id, assessor=assessor, fence=task.fence)
    tx.emit(
        root(task.case),
        TaskAssigned(task.id, task.case, task.agency, task.stage, assessor, task.fence, until),
    )


def tell_released(tx: Transaction, task: Task, reason: str, note: str | None = None) -> None:
    """Say and write down that a task is open again; the holder's own words stay in the audit trail."""
    holder = task.assessor or ""
    tx.audit(root(task.case), "task.released", task=task.id, assessor=holder, reason=reason, note=note)
    tx.emit(root(task.case), TaskReleased(task.id, task.case, task.agency, task.stage, holder, reason))


def stage_rows(rows: Sequence[Rating]) -> tuple[StageRating, ...]:
    """The ratings as other services hear of them."""
    return tuple(
        StageRating(
            one.indicator, one.value, one.stage, one.id, one.origin, one.words_sha256, one.carried_from
        )
        for one in rows
    )


def tell_stage(tx: Transaction, case: Case, hash: str, rows: tuple[StageRating, ...]) -> None:
    """Say that the present stage of a case is over."""
    tx.emit(root(case.id), _fact(StageCompleted, tx.now, case, hash, rows))


def tell_finalised(tx: Transaction, case: Case, hash: str, rows: tuple[StageRating, ...]) -> None:
    """Say that the present stage was the last, and its ratings are frozen."""
    tx.emit(root(case.id), _fact(ReviewFinalised, tx.now, case, hash, rows))


def _fact(
    kind: type[StageCompleted] | type[ReviewFinalised],
    at: datetime,
    case: Case,
    hash: str,
    rows: tuple[StageRating, ...],
) -> StageCompleted | ReviewFinalised:
    names = (case.id, case.id, case.participation, case.cycle, case.agency, case.edition, case.stage or "")
    return kind(*names, at, hash, rows)
