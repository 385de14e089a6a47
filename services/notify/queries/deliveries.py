"""Deliveries: to whom they may be shown, and what an attempt needs."""

from dataclasses import dataclass
from datetime import datetime

from services.notify import domain, store, webhooks
from services.notify.domain import Attempt, Delivery, DeliveryFilter, Outgoing
from shared.core.people import Caller
from shared.storage.reader import Page, Reader

MAX_ATTEMPTS = 50


@dataclass(frozen=True)
class TrackedDelivery:
    """A delivery with when it is tried next, and its latest attempts where these were asked for."""

    delivery: Delivery
    due: datetime | None
    attempts: tuple[Attempt, ...] = ()


def list_deliveries(
    reader: Reader, caller: Caller, subscription: str, wanted: DeliveryFilter, limit: int
) -> Page[TrackedDelivery]:
    """A subscription's deliveries, the latest first; raises NotFound."""
    domain.require_visible(store.find_subscription(reader, subscription), caller)
    deliveries = store.list_deliveries(reader, subscription, wanted, limit)
    due = store.find_due(reader, deliveries.rows)
    return deliveries.map(lambda delivery: TrackedDelivery(delivery, due.get(delivery.id)))


def get_delivery(reader: Reader, caller: Caller, id: str) -> TrackedDelivery:
    """One delivery with its latest attempts; raises NotFound."""
    delivery, _ = domain.require_visible_delivery(*store.find_delivery(reader, id), caller)
    due = store.find_due(reader, [delivery])
    return TrackedDelivery(delivery, due.get(id), tuple(store.list_attempts(reader, id, MAX_ATTEMPTS)))


def get_outgoing(reader: Reader, id: str, series: str) -> Outgoing | None:
    """What an attempt needs; None when the delivery has ended, or another series of attempts has begun."""
    delivery, subscription = store.require_delivery(reader, id)
    if not delivery.is_waiting_in(series):
        return None
    health = store.find_health(reader, subscription.id)
    body = _require_body(reader, delivery)
    return Outgoing(subscription, delivery, body, health, store.is_entitled(reader, subscription))


def _require_body(reader: Reader, delivery: Delivery) -> bytes:
    """What every attempt of a delivery sends: the frozen bytes, or those of a test event, which follow from it."""
    if delivery.is_test:
        return webhooks.freeze_test(delivery.subscription, delivery.event, delivery.created_at)
    return store.require_body(reader, delivery.id)
