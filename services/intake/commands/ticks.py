"""The agency's own ticks at the conditions of an indicator."""

from services.intake import store
from services.intake.commands.answers import writable_edition
from services.intake.domain import answer_id
from services.intake.domain.ticks import TickChange, Ticks, ticked
from shared.storage.transaction import Transaction


def set_ticks(tx: Transaction, participation: str, indicator: str, change: TickChange) -> Ticks:
    """Tick and untick conditions of one indicator; what others tick at the same time stays."""
    edition = writable_edition(tx, participation)
    stored = store.find(tx, Ticks, answer_id(participation, indicator))
    stored = stored or Ticks.none(participation, indicator)
    after = ticked(edition, stored, change)
    if after == stored:
        return stored
    # A chain of its own: a tick is no claim, and no seal waits for it.
    detail = {"tick": sorted(change.tick), "untick": sorted(change.untick)}
    tx.audit(f"ticks:{after.id}", "conditions.ticked", **detail)
    return store.save(tx, after)
