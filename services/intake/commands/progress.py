"""How far an agency's case is, and which claims are over, as review and scoring publish it."""

from dataclasses import replace

from services.intake import domain, store
from services.intake.domain import EndedClaim, Participation, Published, StageReached
from services.intake.domain.cases import (
    APPROVED,
    CLAIMED,
    FINALISED,
    FINISHED,
    SCORED,
    CaseProgress,
    Outcome,
    TaskNoted,
    released,
    with_outcome,
    with_task,
)
from services.intake.store.participations import find_participation_of
from shared.events.review import ReviewFinalised, StageCompleted, TaskAssigned, TaskFinished, TaskReleased
from shared.events.scoring import ResultApproved, ResultPublished, ScoreComputed
from shared.messaging.inbox import MissingDependency, Superseded
from shared.storage.transaction import Transaction

FINAL = "final"
"""The kind of the score that is computed from the frozen set of ratings."""


def note_stage(tx: Transaction, event: StageCompleted) -> None:
    """Show the agency that a stage of its case is over; which values it gave stays in review."""
    participation = _participation(tx, event.participation)
    if not domain.is_newer(participation.stage, tx.sequence):
        raise Superseded("a later stage is known already")
    reached = StageReached(event.stage, event.completed_at, tx.sequence)
    store.save(tx, replace(participation, stage=reached))
    tx.audit(f"participation:{participation.id}", "stage.noted", stage=event.stage)


def note_result(tx: Transaction, event: ResultPublished) -> None:
    """Show the agency its published index."""
    participation = _participation(tx, event.participation)
    if not domain.is_newer(participation.result, tx.sequence):
        raise Superseded("a later result is known already")
    result = Published(event.index, event.predicate, event.version, event.published_at, tx.sequence)
    store.save(tx, replace(participation, result=result))
    tx.audit(f"participation:{participation.id}", "result.noted", version=event.version)


def note_claimed_task(tx: Transaction, event: TaskAssigned) -> None:
    """Show the ministry that an assessor is at work; who it is stays in review."""
    if not _save_task(tx, _sealed(tx, event.case), event.stage, CLAIMED):
        raise Superseded("later news of the tasks of this case came before")


def note_ended_claim(tx: Transaction, event: TaskReleased | TaskFinished) -> None:
    """Let the links open nothing any more that were given for a claim which is over, and show what became of the task.

    Links end even where the case is not known here, so that nothing waits for it.
    """
    state = FINISHED if isinstance(event, TaskFinished) else released(event.reason)
    ended = _end_claim(tx, event)
    participation = find_participation_of(tx, event.case)
    noted = participation is not None and _save_task(tx, participation, event.stage, state)
    if not ended and not noted:
        raise Superseded("a later claim of this task is over already")


def note_review_end(tx: Transaction, event: ReviewFinalised) -> None:
    """Show the ministry that the review of a case is over."""
    _save_outcome(tx, _participation(tx, event.participation), Outcome(FINALISED, event.finalised_at))


def note_score(tx: Transaction, event: ScoreComputed) -> None:
    """Show the ministry that a final score waits for its approval; other scores say nothing of that."""
    if event.kind == FINAL:
        _save_outcome(tx, _sealed(tx, event.submission), Outcome(SCORED, tx.context.event_time or tx.now))


def note_approval(tx: Transaction, event: ResultApproved) -> None:
    """Show the ministry that a result waits for its publication."""
    _save_outcome(tx, _sealed(tx, event.submission), Outcome(APPROVED, event.approved_at))


def _end_claim(tx: Transaction, event: TaskReleased | TaskFinished) -> bool:
    known = store.find(tx, EndedClaim, event.task)
    ended = domain.end_claim(known, event.task, event.fence, tx.now)
    if ended is known:
        return False
    store.save(tx, ended)
    tx.audit(f"claims:{event.task}", "claim.ended", fence=event.fence, assessor=event.assessor)
    return True


def _save_task(tx: Transaction, participation: Participation, stage: str, state: str) -> bool:
    at = tx.context.event_time or tx.now
    after = with_task(participation.case, TaskNoted(stage, state, at, tx.sequence))
    return _save_case(tx, participation, after, "task.noted", stage=stage, state=state)


def _save_outcome(tx: Transaction, participation: Participation, outcome: Outcome) -> None:
    after = with_outcome(participation.case, outcome)
    if not _save_case(tx, participation, after, "outcome.noted", what=outcome.what):
        raise Superseded("this case is known to be as far already")


def _save_case(
    tx: Transaction, participation: Participation, after: CaseProgress | None, action: str, **detail: str
) -> bool:
    """Keep what is known of a case; gives whether that is anything new."""
    if after is participation.case:
        return False
    store.save(tx, replace(participation, case=after))
    tx.audit(f"participation:{participation.id}", action, **detail)
    return True


def _sealed(tx: Transaction, submission: str) -> Participation:
    participation = find_participation_of(tx, submission)
    if participation is None:
        raise MissingDependency(f"submission:{submission}")
    return participation


def _participation(tx: Transaction, id: str) -> Participation:
    participation = store.find(tx, Participation, id)
    if participation is None:
        raise MissingDependency(f"participation:{id}")
    return participation
