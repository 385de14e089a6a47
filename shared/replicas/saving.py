"""How a replica is saved: the last event about it wins, however they arrive."""

from typing import Any

from shared.messaging.inbox import stamp
from shared.storage.transaction import Transaction


def save_replica(tx: Transaction, collection: str, id: str, **fields: Any) -> None:
    """Keep what the event in hand says; raises Superseded when a later event about it came already."""
    stamped = stamp(tx, tx.get(collection, id))
    tx.put(collection, {"_id": id, **fields, **stamped})
