"""How far an agency's case is, as review and scoring tell it."""

from dataclasses import replace

from services.intake import store
from services.intake.domain import Participation, Published, StageReached
from shared.events.review import StageCompleted
from shared.events.scoring import ResultPublished
from shared.hearing import NotYet, Stale
from shared.transaction import Transaction


def note_stage(tx: Transaction, fact: StageCompleted) -> None:
    """Show the agency that a stage of its case is over; which values it gave stays in review."""
    participation = _of(tx, fact.participation)
    if participation.stage and participation.stage.heard >= tx.sequence:
        raise Stale("a later stage is known already")
    reached = StageReached(fact.stage, fact.completed_at, tx.sequence)
    store.save(tx, replace(participation, stage=reached))
    tx.audit(f"participation:{participation.id}", "stage.noted", stage=fact.stage)


def note_result(tx: Transaction, fact: ResultPublished) -> None:
    """Show the agency its published index."""
    participation = _of(tx, fact.participation)
    if participation.result and participation.result.heard >= tx.sequence:
        raise Stale("a later result is known already")
    result = Published(fact.index, fact.predicate, fact.version, fact.published_at, tx.sequence)
    store.save(tx, replace(participation, result=result))
    tx.audit(f"participation:{participation.id}", "result.noted", version=fact.version)


def _of(tx: Transaction, id: str) -> Participation:
    participation = store.get(tx, Participation, id)
    if participation is None:
        raise NotYet(f"participation:{id}")
    return participation
