"""What review publishes, built from its own values, with the audit entry that belongs to it."""

from collections.abc import Sequence
from typing import Any

from services.review.domain import Assessor, Case, Clarification, Rating, Task
from shared.core.canonical import timestamp
from shared.events.review import (
    AssessorSet,
    CaseOpened,
    ClarificationAsked,
    ClarificationWithdrawn,
    ReviewFinalised,
    StageCompleted,
    StageRating,
    TaskAssigned,
    TaskFinished,
    TaskReleased,
)
from shared.storage.transaction import Transaction


def assessor_subject(assessor: str) -> str:
    """The subject below which everything of an assessor stands."""
    return f"assessor:{assessor}"


def case_subject(case: str) -> str:
    """The subject below which everything of a case stands."""
    return f"case:{case}"


def publish_assessor_set(tx: Transaction, assessor: Assessor) -> None:
    """Publish who is appointed, and until when."""
    tx.emit(
        assessor_subject(assessor.id),
        AssessorSet(
            assessor=assessor.id,
            issuer=assessor.issuer,
            subject=assessor.subject,
            since=assessor.since,
            until=assessor.until,
            past=assessor.past,
        ),
    )


def publish_case_opened(tx: Transaction, case: Case, stages: tuple[str, ...]) -> None:
    """Publish and audit that a case was opened, with the stages that it is expected to go through."""
    subject = case_subject(case.id)
    tx.audit(subject, "case.opened", submission=case.submission, agency=case.agency)
    tx.emit(
        subject,
        CaseOpened(
            case=case.id, submission=case.submission, cycle=case.cycle, agency=case.agency, stages=stages
        ),
    )


def publish_task_assigned(tx: Transaction, task: Task) -> None:
    """Publish and audit that a task was claimed."""
    assert task.assessor is not None
    assert task.until is not None
    subject = case_subject(task.case)
    tx.audit(subject, "task.claimed", task=task.id, assessor=task.assessor, fence=task.fence)
    tx.emit(
        subject,
        TaskAssigned(
            task=task.id,
            case=task.case,
            agency=task.agency,
            stage=task.stage,
            assessor=task.assessor,
            fence=task.fence,
            until=task.until,
        ),
    )


def publish_task_released(tx: Transaction, task: Task, reason: str, note: str | None = None) -> None:
    """Publish and audit that a task is open again; the holder's own note stays in the audit trail."""
    assert task.assessor is not None
    subject = case_subject(task.case)
    tx.audit(subject, "task.released", task=task.id, assessor=task.assessor, reason=reason, note=note)
    tx.emit(
        subject,
        TaskReleased(
            task=task.id,
            case=task.case,
            agency=task.agency,
            stage=task.stage,
            assessor=task.assessor,
            reason=reason,
            fence=task.fence,
        ),
    )


def publish_task_finished(tx: Transaction, task: Task) -> None:
    """Publish and audit that a task is finished."""
    assert task.assessor is not None
    subject = case_subject(task.case)
    tx.audit(subject, "task.finished", task=task.id, assessor=task.assessor, fence=task.fence)
    tx.emit(
        subject,
        TaskFinished(
            task=task.id,
            case=task.case,
            agency=task.agency,
            stage=task.stage,
            assessor=task.assessor,
            fence=task.fence,
        ),
    )


def publish_clarification_asked(tx: Transaction, asked: Clarification) -> None:
    """Publish and audit a question to the agency; nothing that is published says who asked."""
    subject = f"clarification:{asked.id}"
    until = timestamp(asked.until)
    tx.audit(subject, "clarification.asked", case=asked.case, version=asked.version, until=until)
    tx.emit(
        subject,
        ClarificationAsked(
            clarification=asked.id,
            case=asked.case,
            submission=asked.submission,
            participation=asked.participation,
            cycle=asked.cycle,
            agency=asked.agency,
            stage=asked.stage,
            indicator=asked.indicator,
            version=asked.version,
            asked_at=asked.asked_at,
            until=asked.until,
            question=asked.question,
        ),
    )


def publish_clarification_withdrawn(tx: Transaction, asked: Clarification) -> None:
    """Publish and audit that a question was taken back."""
    assert asked.withdrawn_at is not None
    subject = f"clarification:{asked.id}"
    tx.audit(subject, "clarification.withdrawn", case=asked.case)
    tx.emit(
        subject,
        ClarificationWithdrawn(
            clarification=asked.id,
            case=asked.case,
            participation=asked.participation,
            agency=asked.agency,
            indicator=asked.indicator,
            withdrawn_at=asked.withdrawn_at,
        ),
    )


def published_ratings(ratings: Sequence[Rating]) -> tuple[StageRating, ...]:
    """The ratings as other services get them."""
    return tuple(
        StageRating(
            indicator=rating.indicator,
            value=rating.value,
            stage=rating.stage,
            rating=rating.id,
            origin=rating.origin,
            words_sha256=rating.words_sha256,
            carried_from=rating.carried_from,
        )
        for rating in ratings
    )


def publish_stage_completed(
    tx: Transaction, case: Case, set_hash: str, ratings: tuple[StageRating, ...]
) -> None:
    """Publish that the present stage of a case is over."""
    fields = _stage_fields(case, set_hash, ratings)
    tx.emit(case_subject(case.id), StageCompleted(**fields, completed_at=tx.now))


def publish_review_finalised(
    tx: Transaction, case: Case, set_hash: str, ratings: tuple[StageRating, ...]
) -> None:
    """Publish that the present stage was the last, and its ratings are frozen."""
    fields = _stage_fields(case, set_hash, ratings)
    tx.emit(case_subject(case.id), ReviewFinalised(**fields, finalised_at=tx.now, assessors=case.assessors))


def _stage_fields(case: Case, set_hash: str, ratings: tuple[StageRating, ...]) -> dict[str, Any]:
    return {
        "case": case.id,
        "submission": case.submission,
        "participation": case.participation,
        "cycle": case.cycle,
        "agency": case.agency,
        "edition": case.edition,
        "stage": case.current_stage,
        "set_hash": set_hash,
        "ratings": ratings,
    }
