"""Who may subscribe to what, and which events a subscription may get: what keeps agencies apart."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from services.notify.domain.deliveries import Delivery
from services.notify.domain.subscriptions import EVERY_TYPE, MINISTRY, Subscription
from shared.core.errors import Conflict, Forbidden, NotFound
from shared.core.people import Caller, Grant

EVERY_AGENCY = "every-agency"


@dataclass(frozen=True)
class TimedGrant:
    """A role that a person or machine client has from one moment until another (None: open)."""

    role: str
    agency: str | None
    since: datetime
    until: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it holds at that moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class SubscriptionFilter:
    """Which subscriptions of a list: those of an owner and of some scopes; None stands for all."""

    owner: str | None = None
    scopes: frozenset[str] | None = None


# callers


def scopes_of(grants: Iterable[Grant]) -> frozenset[str]:
    """The scopes that machine grants open: their agencies', and the ministry's for one without an agency.

    An agency that is called like the ministry opens nothing.
    """
    agencies = (grant.agency for grant in grants if grant.role == "machine")
    return frozenset(agency or MINISTRY for agency in agencies if agency != MINISTRY)


def owner_of_new(caller: Caller) -> str | None:
    """The owner of what the caller subscribes to: the machine client, or None for the ministry."""
    return None if caller.has(MINISTRY) else caller.person


def check_may_subscribe(caller: Caller, scope: str) -> None:
    """Forbidden unless the caller is the ministry, or a machine client for a scope of its own."""
    if not caller.has(MINISTRY) and scope not in scopes_of(caller.grants):
        raise Forbidden(
            "You may subscribe to what concerns you only: ask the ministry for another scope.",
            "foreign-scope",
        )


def is_visible(subscription: Subscription, caller: Caller) -> bool:
    """Whether the caller is the ministry, or the machine client that made this and still holds its scope."""
    is_owner = subscription.owner is not None and subscription.owner == caller.person
    return caller.has(MINISTRY) or (is_owner and subscription.scope in scopes_of(caller.grants))


def visible_subscriptions(caller: Caller) -> SubscriptionFilter:
    """All subscriptions for the ministry, a machine client's own otherwise."""
    if caller.has(MINISTRY):
        return SubscriptionFilter()
    return SubscriptionFilter(caller.person, scopes_of(caller.grants))


def require_visible(subscription: Subscription | None, caller: Caller) -> Subscription:
    """The subscription; NotFound when there is none that the caller may know of."""
    if subscription is None or not is_visible(subscription, caller):
        raise NotFound("There is no such subscription, or it is not yours.")
    return subscription


def require_visible_delivery(
    delivery: Delivery | None, subscription: Subscription | None, caller: Caller
) -> tuple[Delivery, Subscription]:
    """The delivery with its subscription; NotFound when there is none that the caller may know of."""
    if delivery is None or subscription is None or not is_visible(subscription, caller):
        raise NotFound("There is no such delivery, or it is not yours.")
    return delivery, subscription


# owners


def is_entitled(subscription: Subscription, grants: Iterable[TimedGrant], now: datetime) -> bool:
    """Whether its owner, who has these grants, may see its scope now; the ministry's own may always be seen."""
    in_force = [Grant(grant.role, grant.agency) for grant in grants if grant.in_force(now)]
    return subscription.owner is None or subscription.scope in scopes_of(in_force)


def check_entitled(entitled: bool) -> None:
    """Conflict when the owner of a subscription may no longer see what would be delivered to it."""
    if not entitled:
        raise Conflict(
            "The subscription's owner may no longer see what it asks for: give the owner its grant again first.",
            "owner-not-entitled",
        )


# events


def scopes_concerned(feeds: Collection[str], agency: str | None) -> tuple[str, ...] | None:
    """The scopes whose subscriptions an event may concern; None for every scope."""
    if EVERY_AGENCY in feeds:
        return None
    return tuple(dict.fromkeys((MINISTRY, agency or MINISTRY)))


def may_carry(scope: str, feeds: Collection[str], agency: str | None) -> bool:
    """Whether a stream of this scope may ever hold this event: what stands here is what keeps agencies apart."""
    if scope == MINISTRY:
        return "ministry" in feeds
    return EVERY_AGENCY in feeds or ("agency" in feeds and agency == scope)


def is_wanted(subscription: Subscription, type: str) -> bool:
    """Whether the subscription asked for this type."""
    return subscription.types == EVERY_TYPE or type in subscription.types


def receives(subscription: Subscription, type: str, feeds: Collection[str], event: object) -> bool:
    """Whether the event goes into the subscription's stream.

    None gets an event about itself, or a dead receiver would beget events for a dead receiver.
    """
    agency, about = getattr(event, "agency", None), getattr(event, "subscription", None)
    allowed = may_carry(subscription.scope, feeds, agency)
    return allowed and is_wanted(subscription, type) and subscription.id != about
