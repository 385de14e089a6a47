"""Subscriptions and their streams, each only to whom it may be shown."""

from dataclasses import dataclass

from services.notify import domain, store
from services.notify.domain import Health, Subscription
from shared.core.people import Caller
from shared.storage.reader import Page, Reader


def list_subscriptions(reader: Reader, caller: Caller, after: str | None, limit: int) -> Page[Subscription]:
    """All subscriptions for the ministry, a machine client's own otherwise."""
    return store.list_subscriptions(reader, domain.visible_subscriptions(caller), after, limit)


@dataclass(frozen=True)
class SubscriptionRow:
    """A subscription in a list, with how its receiver does, and how many deliveries wait for somebody."""

    subscription: Subscription
    health: Health
    parked: int


def list_subscription_rows(
    reader: Reader, caller: Caller, after: str | None, limit: int
) -> Page[SubscriptionRow]:
    """The subscriptions that the caller may see, with how each does."""
    found = list_subscriptions(reader, caller, after, limit)
    ids = [one.id for one in found.rows]
    healths, parked = store.list_healths(reader, ids), store.count_parked(reader, ids)
    return found.map(lambda one: SubscriptionRow(one, healths.get(one.id, Health()), parked.get(one.id, 0)))


def get_subscription_row(reader: Reader, caller: Caller, id: str) -> SubscriptionRow:
    """One of them; raises NotFound."""
    subscription, health = get_subscription(reader, caller, id)
    return SubscriptionRow(subscription, health, store.count_parked(reader, [id]).get(id, 0))


def get_subscription(reader: Reader, caller: Caller, id: str) -> tuple[Subscription, Health]:
    """One subscription and how its receiver does; raises NotFound."""
    subscription = domain.require_visible(store.find_subscription(reader, id), caller)
    return subscription, store.find_health(reader, id)


def list_events(
    reader: Reader, caller: Caller, stream: str, after: int, limit: int
) -> Page[tuple[int, bytes]]:
    """The frozen bodies of a stream after a number, each with its own; raises NotFound."""
    domain.require_visible(store.find_subscription(reader, stream), caller)
    return store.list_bodies(reader, stream, after, limit)


def get_tested(reader: Reader, id: str, test: str) -> Subscription | None:
    """The subscription that waits for the answer to a test event; None when it does not any more."""
    found = store.find_subscription(reader, id)
    return found if found and found.awaits(test) else None
