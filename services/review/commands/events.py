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
        TaskAssigned(
            task=task.id,
            case=task.case,
            agency=task.agency,
            stage=task.stage,
            assessor=assessor,
            fence=task.fence,
            until=until,
        ),
    )


def tell_released(tx: Transaction, task: Task, reason: str, note: str | None = None) -> None:
    """Say and write down that a task is open again; the holder's own words stay in the audit trail."""
    holder = task.assessor or ""
    tx.audit(root(task.case), "task.released", task=task.id, assessor=holder, reason=reason, note=note)
    tx.emit(
        root(task.case),
        TaskReleased(
            task=task.id, case=task.case, agency=task.agency, stage=task.stage, assessor=holder, reason=reason
        ),
    )


def stage_rows(rows: Sequence[Rating]) -> tuple[StageRating, ...]:
    """The ratings as other services hear of them."""
    return tuple(
        StageRating(
            indicator=one.indicator,
            value=one.value,
            stage=one.stage,
            rating=one.id,
            origin=one.origin,
            words_sha256=one.words_sha256,
            carried_from=one.carried_from,
        )
        for one in rows
    )


def tell_stage(tx: Transaction, case: Case, hash: str, rows: tuple[StageRating, ...]) -> None:
    """Say that the present stage of a case is over."""
    tx.emit(root(case.id), _stage_event(StageCompleted, case, hash, rows, completed_at=tx.now))


def tell_finalised(tx: Transaction, case: Case, hash: str, rows: tuple[StageRating, ...]) -> None:
    """Say that the present stage was the last, and its ratings are frozen."""
    tx.emit(root(case.id), _stage_event(ReviewFinalised, case, hash, rows, finalised_at=tx.now))


def _stage_event(
    event_class: type[StageCompleted] | type[ReviewFinalised],
    case: Case,
    set_hash: str,
    rows: tuple[StageRating, ...],
    **moment: datetime,
) -> StageCompleted | ReviewFinalised:
    return event_class(
        case=case.id,
        submission=case.submission,
        participation=case.participation,
        cycle=case.cycle,
        agency=case.agency,
        edition=case.edition,
        stage=case.stage or "",
        set_hash=set_hash,
        ratings=rows,
        **moment,
    )
