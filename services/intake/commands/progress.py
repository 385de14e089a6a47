"""How far an agency's case is, and which claims are over, as review and scoring publish it."""

from dataclasses import replace

from services.intake import domain, store
from services.intake.domain import EndedClaim, Participation, Published, StageReached
from shared.events.review import StageCompleted, TaskFinished, TaskReleased
from shared.events.scoring import ResultPublished
from shared.messaging.inbox import MissingDependency, Superseded
from shared.storage.transaction import Transaction


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


def note_ended_claim(tx: Transaction, event: TaskReleased | TaskFinished) -> None:
    """Let the links open nothing any more that were given for a claim which is over."""
    known = store.find(tx, EndedClaim, event.task)
    ended = domain.end_claim(known, event.task, event.fence, tx.now)
    if ended is known:
        raise Superseded("a later claim of this task is over already")
    store.save(tx, ended)
    tx.audit(f"claims:{event.task}", "claim.ended", fence=event.fence, assessor=event.assessor)


def _participation(tx: Transaction, id: str) -> Participation:
    participation = store.find(tx, Participation, id)
    if participation is None:
        raise MissingDependency(f"participation:{id}")
    return participation
