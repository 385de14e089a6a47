"""Subscriptions: what may be asked for, and what becomes of one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, Self

from shared.core.errors import Conflict, Invalid

MINISTRY = "ministry"
EVERY_TYPE = ("*",)
TEST_JOB = "test"
TEST_EVENT = "subscription.test.v1"
"""What an address has to answer before anything else is sent there; it stands in no stream."""
UNANSWERED = "its address has not answered the test event yet"
MAX_SECRETS = 4
MAX_SUBSCRIPTIONS = 8
"""Of one machine client: all of them slow, two deliveries each, they leave half of the sender's threads to others."""

Catalogue = Mapping[str, Collection[str]]
"""Every type that can be subscribed to, with the feeds that may carry it."""


class Unset(Enum):
    """Stands for a field that an order does not name."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True)
class SubscriptionOrder:
    """A new subscription, as it is asked for."""

    name: str
    url: str | None
    scope: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class ChangeOrder:
    """What is to be otherwise; a field that is unset stays as it is, and `url` None takes the address away."""

    url: str | Unset | None = UNSET
    types: tuple[str, ...] | Unset = UNSET
    enabled: bool | Unset = UNSET

    @property
    def new_url(self) -> str | None:
        """The address that it names, if it names any."""
        return None if self.url is UNSET else self.url

    @property
    def yours(self) -> dict[str, Any]:
        """The fields that the order names, as its sender gets them back when somebody else was faster."""
        return {name: value for name, value in vars(self).items() if value is not UNSET}


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

    `owner` is the machine client that made it, None when the ministry did; without a `url` it is a stream to be read
    only. `state` is enabled, pending (its address has not answered the test event named `test` yet, and what comes
    waits), disabled or closed. `stops` counts how often its deliveries were stopped for good: what waited then does not
    go out when it is switched on again, however soon that is.
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
    test: str | None = None
    stops: int = 0
    rev: int = 0

    @property
    def enabled(self) -> bool:
        """Whether new events are delivered at once."""
        return self.state == "enabled"

    @property
    def pending(self) -> bool:
        """Whether deliveries wait for its address to answer the test event."""
        return self.state == "pending"

    @property
    def switched_on(self) -> bool:
        """Whether new events are to be delivered, now or once its address has answered."""
        return self.state in ("enabled", "pending")

    @property
    def open(self) -> bool:
        """Whether new events go into its stream."""
        return self.state != "closed"

    @property
    def takes(self) -> bool:
        """Whether a new event becomes a delivery."""
        return self.switched_on and self.url is not None

    @property
    def changeable(self) -> dict[str, Any]:
        """{url, types, enabled}: what a change may change."""
        return {"url": self.url, "types": self.types, "enabled": self.switched_on}

    @property
    def deeds(self) -> frozenset[str]:
        """What somebody who looks after it may do now: retry, test, disable, enable, change."""
        if not self.open:
            return frozenset()
        if not self.switched_on:
            return frozenset({"enable", "change"})
        usual = frozenset({"disable", "change"})
        if self.url is None:
            return usual
        return usual | ({"retry"} if self.pending else {"retry", "test"})

    def switched_off(self, state: str, reason: str) -> Self:
        """The subscription disabled or closed."""
        return replace(self, state=state, reason=reason, stops=self.stops + 1)

    def tested(self, test: str) -> Self:
        """The subscription switched on: its address, if it has one, is asked to answer that test event first."""
        if self.url is None:
            return replace(self, state="enabled", reason=None, test=None)
        return replace(self, state="pending", reason=UNANSWERED, test=test)

    def awaits(self, test: str) -> bool:
        """Whether it waits for the answer to that test event."""
        return self.pending and self.test == test

    def after_test(self, error: str | None) -> Self:
        """The subscription after its address answered the test event, or did so wrongly or not at all."""
        if error is None:
            return replace(self, state="enabled", reason=None, test=None)
        return replace(self, reason=f"{UNANSWERED}: {error}")

    def reason_to_suspend(self) -> str:
        """Why what was stopped is not delivered."""
        if self.takes:
            return "the subscription was switched off, or had no address, in the meantime"
        if self.switched_on:
            return "it has no address any more"
        return f"the subscription is {self.state}: {self.reason}"


def check_types(types: Collection[str], scope: str, catalogue: Catalogue) -> None:
    """Invalid unless everything asked for exists and may be carried to that scope."""
    wanted = {MINISTRY} if scope == MINISTRY else {"agency", "every-agency"}
    offered = sorted(name for name, feeds in catalogue.items() if wanted & set(feeds))
    if tuple(types) != EVERY_TYPE and (unknown := sorted(set(types) - set(offered))):
        raise Invalid(
            f'Not offered here: {", ".join(unknown)}. Choose from: {", ".join(offered)}; or send "*".',
            "unknown-types",
            extra={"unknown": unknown, "offered": offered},
        )


def check_scope(scope: str, agency_known: bool) -> None:
    """Invalid for the scope of an agency that there is not."""
    if scope != MINISTRY and not agency_known:
        raise Invalid(
            f'No agency is called {scope}; the scope is an agency\'s id or "ministry".', "unknown-agency"
        )


def check_name(name: str, owner: str | None, open_names: Sequence[str]) -> None:
    """Conflict when an owner has an open subscription of that name, or a machine client has as many as it may."""
    if name in open_names:
        raise Conflict(f"There is a subscription called {name} already.", "already-exists")
    if owner and len(open_names) >= MAX_SUBSCRIPTIONS:
        raise Conflict(
            f"You have {MAX_SUBSCRIPTIONS} subscriptions already: close one first.",
            "too-many-subscriptions",
        )


def check_open(subscription: Subscription) -> None:
    """Conflict when the subscription was closed for good."""
    if not subscription.open:
        raise Conflict("This subscription is closed for good: make a new one.", "subscription-closed")


def changed(subscription: Subscription, order: ChangeOrder) -> Subscription:
    """The subscription with the address and the types of an order."""
    url = subscription.url if order.url is UNSET else order.url
    types = subscription.types if order.types is UNSET else order.types
    stops = subscription.stops + (url is None and subscription.takes)
    return replace(subscription, url=url, types=types, stops=stops)


def is_to_be_enabled(subscription: Subscription, order: ChangeOrder) -> bool:
    """Whether the subscription is to be switched on after a change."""
    return subscription.switched_on if order.enabled is UNSET else order.enabled


def rotated(subscription: Subscription, fresh: Secret, now: datetime, keep: timedelta) -> Subscription:
    """The subscription with a new secret in front, the ones before it valid a little longer."""
    check_open(subscription)
    end = now + keep
    old = tuple(replace(secret, until=min(secret.until or end, end)) for secret in subscription.secrets)
    valid = tuple(secret for secret in old if secret.valid(now))
    if len(valid) >= MAX_SECRETS:
        raise Conflict(
            f"{MAX_SECRETS} secrets are valid already: wait until one has run out, or send keep_hours 0.",
            "rotated-too-often",
        )
    return replace(subscription, secrets=(fresh, *valid))


def listed(ids: Sequence[str], subscription: Subscription) -> list[str]:
    """The ids of the subscriptions of a scope, with or without this one: closed ones are not listed."""
    others = [id for id in ids if id != subscription.id]
    return sorted([*others, subscription.id]) if subscription.open else others
