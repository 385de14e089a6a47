"""Subscriptions, streams and deliveries: who may get what, and what becomes of an attempt."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from shared.core.errors import Conflict, Forbidden, Invalid, NotFound
from shared.core.people import Caller, Grant

MINISTRY = "ministry"
JOB = "delivery"
EVERYTHING = ("*",)
TO_EVERY_AGENCY = frozenset({"cycle.opened.v1"})
"""The types that name no agency and concern them all."""

GONE = 410
RESTING = frozenset({429, 503})
LONGEST_REST = timedelta(days=1)
PATIENCE = timedelta(days=5)
SECRETS = 4
SUBSCRIPTIONS = 8
"""Of one machine client: all of them slow, two deliveries each, they leave half of the sender's threads to others."""

Catalogue = Mapping[str, Collection[str]]
"""Every type that can be subscribed to, with the feeds that may carry it."""


@dataclass(frozen=True)
class Secret:
    """What an HMAC secret is derived from: the name of notify's key, and a salt. The secret itself is kept nowhere."""

    kid: str
    salt: str
    until: datetime | None = None

    def valid(self, at: datetime) -> bool:
        """Whether it still signs."""
        return self.until is None or at < self.until


@dataclass(frozen=True)
class Subscription:
    """Somebody's wish to get events of some types: of the ministry's feed, or of one agency's (`scope`).

    `owner` is the machine client that made it, None when the ministry did; `state` is enabled, disabled or closed;
    without a `url` it is a stream to be read only.
    """

    id: str
    name: str
    url: str | None
    scope: str
    types: tuple[str, ...]
    owner: str | None
    created_at: datetime
    secrets: tuple[Secret, ...]
    state: str = "enabled"
    reason: str | None = None
    rev: int = 0

    @property
    def enabled(self) -> bool:
        """Whether new events are delivered."""
        return self.state == "enabled"

    @property
    def delivers(self) -> bool:
        """Whether a new event goes out as a webhook."""
        return self.enabled and self.url is not None


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one subscription: waiting, delivered or parked.

    `run` names the round of tries that counts; a retry by hand begins another one.
    """

    id: str
    subscription: str
    event: str
    type: str
    sequence: int
    created_at: datetime
    run: str = "first"
    state: str = "waiting"
    attempts: int = 0
    error: str | None = None
    delivered_at: datetime | None = None

    @property
    def job_key(self) -> str:
        """What its present round of tries is called among the jobs of its kind."""
        return f"{self.id}.{self.run}"


@dataclass(frozen=True)
class Answer:
    """What came of one request: `error` is None when it was acknowledged; `rest` is how long to leave it alone."""

    status: int | None
    error: str | None
    excerpt: str = ""
    milliseconds: int = 0
    rest: timedelta = timedelta()


@dataclass(frozen=True)
class Attempt:
    """One request of a delivery, as it was recorded."""

    delivery: str
    number: int
    at: datetime
    answer: Answer


class Round(Enum):
    """What an attempt leaves of its round of tries: nothing, a further try, or one soon because the address is new."""

    OVER = "over"
    AGAIN = "again"
    MOVED = "moved"


@dataclass(frozen=True)
class Health:
    """How a receiver has answered of late."""

    failing_since: datetime | None = None
    rests_until: datetime | None = None

    def after(self, answer: Answer, now: datetime) -> "Health":
        """The health after one more answer."""
        failing = None if answer.error is None else self.failing_since or now
        return Health(failing, now + answer.rest if answer.rest else self.rests_until)


def reason_to_stop(answer: Answer, health: Health, now: datetime) -> str | None:
    """Why a receiver is to be left alone: it said so, or nothing but failures came for five days."""
    if answer.status == GONE:
        return f"the receiver answered {GONE} Gone"
    if health.failing_since and now - health.failing_since >= PATIENCE:
        return f"every delivery failed for {PATIENCE.days} days"
    return None


# who may


def scopes(grants: Iterable[Grant]) -> frozenset[str]:
    """The scopes that machine grants open: their agencies', and the ministry's for one without an agency.

    An agency that is called like the ministry opens nothing.
    """
    mine = (one.agency for one in grants if one.role == "machine")
    return frozenset(agency or MINISTRY for agency in mine if agency != MINISTRY)


def may_subscribe(caller: Caller, scope: str) -> None:
    """Forbidden unless the caller is the ministry, or a machine client for a scope of its own."""
    if not caller.has(MINISTRY) and scope not in scopes(caller.grants):
        raise Forbidden(
            "You may subscribe to what concerns you only: ask the ministry for another scope.",
            "foreign-scope",
        )


def may_see(caller: Caller, subscription: Subscription) -> bool:
    """Whether the caller is the ministry, or the machine client that made this and still holds its scope."""
    is_owner = subscription.owner is not None and subscription.owner == caller.person
    return caller.has(MINISTRY) or (is_owner and subscription.scope in scopes(caller.grants))


def found(caller: Caller, subscription: Subscription | None) -> Subscription:
    """The subscription; NotFound when there is none that the caller may know of."""
    if subscription is None or not may_see(caller, subscription):
        raise NotFound("There is no such subscription, or it is not yours.")
    return subscription


def found_delivery(
    caller: Caller, delivery: Delivery | None, subscription: Subscription | None
) -> tuple[Delivery, Subscription]:
    """The delivery with its subscription; NotFound when there is none that the caller may know of."""
    if delivery is None or subscription is None or not may_see(caller, subscription):
        raise NotFound("There is no such delivery, or it is not yours.")
    return delivery, subscription


def carries(scope: str, type: str, feeds: Collection[str], agency: str | None) -> bool:
    """Whether a stream of this scope may ever hold this event: what stands here is what keeps agencies apart."""
    if scope == MINISTRY:
        return "ministry" in feeds
    return "agency" in feeds and (agency == scope if agency else type in TO_EVERY_AGENCY)


def wants(subscription: Subscription, type: str) -> bool:
    """Whether the subscription asked for this type."""
    return subscription.types == EVERYTHING or type in subscription.types


# what may be said


def check_types(types: Collection[str], scope: str, catalogue: Catalogue) -> None:
    """Invalid unless everything asked for exists and may be carried to that scope."""
    feed = MINISTRY if scope == MINISTRY else "agency"
    offered = sorted(name for name, feeds in catalogue.items() if feed in feeds)
    if tuple(types) != EVERYTHING and (unknown := sorted(set(types) - set(offered))):
        raise Invalid(
            f'Not offered here: {", ".join(unknown)}. Choose from: {", ".join(offered)}; or send "*".',
            "unknown-types",
            extra={"unknown": unknown, "offered": offered},
        )


def check_open(subscription: Subscription) -> None:
    """Conflict when the subscription was closed for good."""
    if subscription.state == "closed":
        raise Conflict("This subscription is closed for good: make a new one.", "subscription-closed")


def check_entitled(entitled: bool) -> None:
    """Conflict when the owner of a subscription may no longer see what would be delivered to it."""
    if not entitled:
        raise Conflict(
            "The subscription's owner may no longer see what it asks for: give the owner its grant again first.",
            "owner-not-entitled",
        )


def rotated(subscription: Subscription, fresh: Secret, now: datetime, keep: timedelta) -> Subscription:
    """The subscription with a new secret in front, the ones before it valid a little longer."""
    check_open(subscription)
    old = tuple(replace(one, until=min(one.until or now + keep, now + keep)) for one in subscription.secrets)
    valid = tuple(one for one in old if one.valid(now))
    if len(valid) >= SECRETS:
        raise Conflict(
            f"{SECRETS} secrets are valid already: wait until one has run out, or send keep_hours 0.",
            "rotated-too-often",
        )
    return replace(subscription, secrets=(fresh, *valid))


def retried(delivery: Delivery, subscription: Subscription, run: str) -> Delivery:
    """The delivery at the beginning of another round of tries, whatever became of the last one."""
    check_open(subscription)
    if not subscription.enabled:
        raise Conflict("The subscription is disabled: enable it first.", "subscription-disabled")
    if subscription.url is None:
        raise Conflict("The subscription has no address to deliver to: give it one first.", "no-address")
    return replace(delivery, state="waiting", run=run, error=None)


def attempted(delivery: Delivery, run: str, answer: Answer, now: datetime) -> Delivery:
    """The delivery after an attempt; one of an earlier round, or after the end, is only counted."""
    counted = replace(delivery, attempts=delivery.attempts + 1)
    if delivery.run != run or delivery.state != "waiting":
        return counted
    if answer.error is None:
        return replace(counted, state="delivered", error=None, delivered_at=now)
    return replace(counted, error=answer.error)


def what_is_left(delivery: Delivery, run: str, moved: bool) -> Round:
    """What is left of a round after an attempt; `moved` when that went to what is not the address any more."""
    if delivery.run != run or delivery.state != "waiting":
        return Round.OVER
    return Round.MOVED if moved else Round.AGAIN


@dataclass(frozen=True)
class Outgoing:
    """Everything that one attempt needs."""

    subscription: Subscription
    delivery: Delivery
    body: bytes
    health: Health = field(default_factory=Health)
    entitled: bool = True

    @property
    def goes(self) -> bool:
        """Whether it may go out now: it is wished for, and its owner may still see it."""
        return self.entitled and self.subscription.delivers
