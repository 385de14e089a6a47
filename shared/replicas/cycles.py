"""Each service's own copy of the cycles, kept by the events that intake publishes."""

from shared.events.intake import CycleOpened
from shared.messaging.inbox import Handler
from shared.replicas.saving import save_replica
from shared.storage.transaction import Transaction

_KEPT = ("title", "edition", "opens", "clarification_days", "shows_words")


def on_cycle_opened(tx: Transaction, event: CycleOpened) -> None:
    """Keep a cycle's name and edition, when it opens, and what it says of questions and of the assessors' words."""
    fields = {name: getattr(event, name) for name in _KEPT}
    save_replica(tx, "cycles", event.cycle, **fields)
    tx.audit(f"cycle:{event.cycle}", "cycle.replicated")


CYCLES = Handler(
    on_cycle_opened, lambda event: [("cycles", event.cycle), ("heads", f"cycle:{event.cycle}")], "cycles"
)
