"""What may be seen of subscriptions, streams and deliveries."""

from dataclasses import dataclass
from datetime import datetime

from services.notify import domain, store
from services.notify.domain import Attempt, Delivery, Health, Outgoing, Subscription
from shared.people import Caller
from shared.view import View

ATTEMPTS = 50


@dataclass(frozen=True)
class Tracked:
    """A delivery with when it is tried next, and its latest attempts where these were asked for."""

    delivery: Delivery
    due: datetime | None
    attempts: tuple[Attempt, ...] = ()


def subscriptions(view: View, caller: Caller, after: str | None, limit: int) -> list[Subscription]:
    """All subscriptions for the ministry, a machine client's own otherwise."""
    own = {"owner": caller.person, "scope": {"$in": sorted(domain.scopes(caller.grants))}}
    return store.subscriptions(view, {} if caller.has(domain.MINISTRY) else own, after, limit)


def subscription(view: View, caller: Caller, id: str) -> tuple[Subscription, Health]:
    """One subscription and how its receiver does."""
    one = domain.found(caller, store.subscription(view, id))
    return one, store.health(view, id)


def events(view: View, caller: Caller, stream: str, after: int, limit: int) -> list[tuple[int, bytes]]:
    """The frozen bodies of a stream after a number, each with its own."""
    domain.found(caller, store.subscription(view, stream))
    return store.bodies(view, stream, after, limit)


def deliveries(
    view: View, caller: Caller, subscription: str, state: str | None, before: int | None, limit: int
) -> list[Tracked]:
    """A subscription's deliveries, the latest first."""
    domain.found(caller, store.subscription(view, subscription))
    rows = store.deliveries(view, subscription, state, before, limit)
    due = store.due(view, rows)
    return [Tracked(one, due.get(one.id)) for one in rows]


def delivery(view: View, caller: Caller, id: str) -> Tracked:
    """One delivery with its latest attempts."""
    one, _ = domain.found_delivery(caller, *store.delivery_and_subscription(view, id))
    return Tracked(one, store.due(view, [one]).get(id), tuple(store.attempts(view, id, ATTEMPTS)))


def outgoing(view: View, id: str, run: str) -> Outgoing | None:
    """What an attempt needs; None when the delivery has ended, or another round of tries has begun."""
    one, subscription = store.delivery_and_subscription(view, id)
    if one is None or subscription is None or one.run != run or one.state != "waiting":
        return None
    body, health = store.body(view, id), store.health(view, subscription.id)
    return Outgoing(subscription, one, body, health, store.entitled(view, subscription))
