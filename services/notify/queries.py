"""What may be seen of subscriptions, streams and deliveries."""

from dataclasses import dataclass
from datetime import datetime

from services.notify import domain, store
from services.notify.domain import Attempt, Delivery, Health, Outgoing, Subscription
from shared.core.people import Caller
from shared.storage.reader import Reader

ATTEMPTS = 50


@dataclass(frozen=True)
class Tracked:
    """A delivery with when it is tried next, and its latest attempts where these were asked for."""

    delivery: Delivery
    due: datetime | None
    attempts: tuple[Attempt, ...] = ()


def subscriptions(reader: Reader, caller: Caller, after: str | None, limit: int) -> list[Subscription]:
    """All subscriptions for the ministry, a machine client's own otherwise."""
    own = {"owner": caller.person, "scope": {"$in": sorted(domain.scopes(caller.grants))}}
    return store.subscriptions(reader, {} if caller.has(domain.MINISTRY) else own, after, limit)


def subscription(reader: Reader, caller: Caller, id: str) -> tuple[Subscription, Health]:
    """One subscription and how its receiver does."""
    one = domain.found(caller, store.subscription(reader, id))
    return one, store.health(reader, id)


def events(reader: Reader, caller: Caller, stream: str, after: int, limit: int) -> list[tuple[int, bytes]]:
    """The frozen bodies of a stream after a number, each with its own."""
    domain.found(caller, store.subscription(reader, stream))
    return store.bodies(reader, stream, after, limit)


def deliveries(
    reader: Reader, caller: Caller, subscription: str, state: str | None, before: int | None, limit: int
) -> list[Tracked]:
    """A subscription's deliveries, the latest first."""
    domain.found(caller, store.subscription(reader, subscription))
    rows = store.deliveries(reader, subscription, state, before, limit)
    due = store.due(reader, rows)
    return [Tracked(one, due.get(one.id)) for one in rows]


def delivery(reader: Reader, caller: Caller, id: str) -> Tracked:
    """One delivery with its latest attempts."""
    one, _ = domain.found_delivery(caller, *store.delivery_and_subscription(reader, id))
    return Tracked(one, store.due(reader, [one]).get(id), tuple(store.attempts(reader, id, ATTEMPTS)))


def outgoing(reader: Reader, id: str, run: str) -> Outgoing | None:
    """What an attempt needs; None when the delivery has ended, or another round of tries has begun."""
    one, subscription = store.delivery_and_subscription(reader, id)
    if one is None or subscription is None or one.run != run or one.state != "waiting":
        return None
    body, health = store.body(reader, id), store.health(reader, subscription.id)
    return Outgoing(subscription, one, body, health, store.entitled(reader, subscription))
