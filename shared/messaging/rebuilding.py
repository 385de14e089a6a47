"""The end of a rebuilding: what a replica still holds of a producer, and its journal did not say, goes."""

from collections.abc import Collection
from datetime import datetime

from shared.core import telemetry
from shared.events import contract_of, contracts
from shared.events.intake import IntakeHeartbeat
from shared.events.review import ReviewHeartbeat
from shared.messaging.inbox import Handlers
from shared.storage.leases import SKEW
from shared.storage.mongo import Store
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

MOST_AT_ONCE = 100

log = telemetry.logger(__name__)


def finish(store: Store, handlers: Handlers, marker: IntakeHeartbeat | ReviewHeartbeat) -> None:
    """Take away what came before the rebuilding began (a minute for clocks that differ) and was not said again."""
    producer, rebuilding, since = contract_of(marker).producer, marker.rebuilding, marker.since
    if not rebuilding or since is None:
        return
    for collection in replicas_of(handlers, producer):
        while left := store.query(_find_left, collection, producer, rebuilding, since):
            store.run(_remove, collection, [doc["_id"] for doc in left], rebuilding)
    log.info("replica rebuilt", extra={"producer": producer, "rebuilding": rebuilding})


def replicas_of(handlers: Handlers, producer: str) -> Collection[str]:
    """The collections in which a service keeps what this producer tells."""
    told = (
        handlers[one.event_class]
        for one in contracts()
        if one.producer == producer and one.event_class in handlers
    )
    return sorted({handler.replica for handler in told if handler.replica})


def _find_left(reader: Reader, collection: str, producer: str, rebuilding: str, since: datetime) -> list[Doc]:
    where = {
        "producer": producer,
        "rebuilding": {"$ne": rebuilding},
        "replicated_at": {"$lt": since - SKEW},
    }
    return reader.find(collection, where, [("_id", 1)], MOST_AT_ONCE)


def _remove(tx: Transaction, collection: str, ids: Collection[str], rebuilding: str) -> None:
    for id in ids:
        tx.delete(collection, id)
        tx.audit(f"replica:{collection}:{id}", "replica.removed", rebuilding=rebuilding)
