"""What the state of messaging is now: for metrics, and for what the broker gave up."""

from datetime import timedelta

import pymongo
from pymongo.errors import PyMongoError

from shared.core import telemetry
from shared.core.errors import Conflict
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.messaging import broker, deferred, heartbeats, operations
from shared.messaging.dead_letters import dead_letter
from shared.storage.mongo import Store

QUEUES = "queues"
ANSWER_SECONDS = 1.0
SEEN_LATELY = timedelta(minutes=1)


def update_gauges(store: Store, settings: Settings) -> None:
    """Set the gauges of outbox, deferred events and queue to what is there now."""
    outbox, events = store.db["outbox"], store.db[deferred.DEFERRED_EVENTS]
    telemetry.OUTBOX_PENDING.set(outbox.count_documents({"pending": True}))
    oldest = outbox.find_one({"pending": True}, sort=[("at", 1)])
    telemetry.OUTBOX_OLDEST.set((utcnow() - oldest["at"]).total_seconds() if oldest else 0)
    counts = {state: events.count_documents({"state": state}) for state in operations.STATES}
    queue = broker.queue(settings.prefix, settings.service).name
    dead_queue = broker.dead_letter_queue(settings.prefix, settings.service).name
    depths = broker.queue_depths(settings.amqp_uri, [queue, dead_queue])
    telemetry.QUEUE_DEPTH.set(depths.get(queue, 0))
    _record_missing(store, [name for name in (queue, dead_queue) if name not in depths])
    # What lies in the broker's dead-letter queue is an event only once `collect_dead_letters` could keep it.
    counts["dead"] += depths.get(dead_queue, 0)
    for state, count in counts.items():
        telemetry.DEFERRED_EVENTS.labels(state).set(count)
    for producer, silence in store.query(heartbeats.find_silences).items():
        telemetry.PRODUCER_SILENCE.labels(producer).set(silence.total_seconds())


def _record_missing(store: Store, missing: list[str]) -> None:
    """For this process's gauge, and for the web, which does not speak to the broker."""
    telemetry.QUEUES_MISSING.set(len(missing))
    seen = {"missing": missing, "at": utcnow()}
    store.db[QUEUES].update_one({"_id": QUEUES}, {"$set": seen}, upsert=True)


def check_queues(store: Store) -> None:
    """Conflict when the worker found lately that a queue of this service is gone; nothing while nobody can know."""
    try:
        with pymongo.timeout(ANSWER_SECONDS):
            seen = store.db[QUEUES].find_one({"_id": QUEUES})
    except PyMongoError:
        return
    if seen and seen["missing"] and utcnow() - seen["at"] < SEEN_LATELY:
        raise Conflict(
            f"The broker has no queue {' nor '.join(seen['missing'])}: what others publish does not arrive. Run "
            "prepare, then have every producer republish."
        )


def collect_dead_letters(store: Store, settings: Settings) -> None:
    """Keep what lies in the broker's dead-letter queue as dead events."""
    queue = broker.queue(settings.prefix, settings.service).name

    broker.drain(
        settings.amqp_uri,
        broker.dead_letter_queue(settings.prefix, settings.service),
        lambda message: dead_letter(
            store, message, settings.amqp_users, "delivered too often: the broker dead-lettered it"
        ),
        lambda message: broker.received_dead(message, queue),
    )
