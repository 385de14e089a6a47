"""How far an agency's case is, as review and scoring tell it."""

from dataclasses import replace

from services.intake import store
from services.intake.domain import Participation, Published, StageReached
from shared.events.review import StageCompleted
from shared.events.scoring import ResultPublished
from shared.messaging.inbox import MissingDependency, Superseded
from shared.storage.transaction import Transaction


def note_stage(tx: Transaction, event: StageCompleted) -> None:
    """Show the agency that a stage of its case is over; which values it gave stays in review."""
    participation = _of(tx, event.participation)
    if participation.stage and participation.stage.heard >= tx.sequence:
        raise Superseded("a later stage is known already")
    reached = StageReached(event.stage, event.completed_at, tx.sequence)
    store.save(tx, replace(participation, stage=reached))
    tx.audit(f"participation:{participation.id}", "stage.noted", stage=event.stage)


def note_result(tx: Transaction, event: ResultPublished) -> None:
    """Show the agency its published index."""
    participation = _of(tx, event.participation)
    if participation.result and participation.result.heard >= tx.sequence:
        raise Superseded("a later result is known already")
    result = Published(event.index, event.predicate, event.version, event.published_at, tx.sequence)
    store.save(tx, replace(participation, result=result))
    tx.audit(f"participation:{participation.id}", "result.noted", version=event.version)


def _of(tx: Transaction, id: str) -> Participation:
    participation = store.get(tx, Participation, id)
    if participation is None:
        raise MissingDependency(f"participation:{id}")
    return participation
