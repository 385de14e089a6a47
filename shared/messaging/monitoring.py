"""What the state of messaging is now: for metrics, and for what the broker gave up."""

from shared.core import telemetry
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.messaging import broker, deferred, operations
from shared.messaging.dead_letters import dead_letter
from shared.storage.mongo import Store


def update_gauges(store: Store, settings: Settings) -> None:
    """Set the gauges of outbox, deferred events and queue to what is there now."""
    outbox, events = store.db["outbox"], store.db[deferred.COLLECTION]
    telemetry.OUTBOX_PENDING.set(outbox.count_documents({"pending": True}))
    oldest = outbox.find_one({"pending": True}, sort=[("at", 1)])
    telemetry.OUTBOX_OLDEST.set((utcnow() - oldest["at"]).total_seconds() if oldest else 0)
    counts = {state: events.count_documents({"state": state}) for state in operations.STATES}
    queue = broker.queue(settings.prefix, settings.service).name
    dead_queue = broker.dead_letter_queue(settings.prefix, settings.service).name
    depths = broker.queue_depths(settings.amqp_uri, [queue, dead_queue])
    telemetry.QUEUE_DEPTH.set(depths.get(queue, 0))
    # What lies in the broker's dead-letter queue is an event only once `collect_dead_letters` could keep it.
    counts["dead"] += depths.get(dead_queue, 0)
    for state, count in counts.items():
        telemetry.DEFERRED_EVENTS.labels(state).set(count)


def collect_dead_letters(store: Store, settings: Settings) -> None:
    """Keep what lies in the broker's dead-letter queue as dead events."""
    broker.drain(
        settings.amqp_uri,
        broker.dead_letter_queue(settings.prefix, settings.service),
        lambda body: dead_letter(store, body, "delivered too often: the broker dead-lettered it"),
    )
