"""Deliveries: each one event on its way to one subscriber, until it is acknowledged or parked."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from services.notify.domain.receivers import Health, WebhookResponse
from services.notify.domain.subscriptions import TEST_EVENT, Subscription, check_open
from shared.core.errors import Conflict

JOB = "delivery"


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one subscription: waiting, delivered or parked; or a test event, which has no place in
    the stream and so the sequence 0.

    `series` names the series of attempts that counts; a retry by hand begins another one. `stops` is its subscription's
    count when the series began: a later one has stopped it.
    """

    id: str
    subscription: str
    event: str
    type: str
    sequence: int
    created_at: datetime
    series: str = "first"
    state: str = "waiting"
    attempts: int = 0
    error: str | None = None
    delivered_at: datetime | None = None
    stops: int = 0
    rev: int = 0

    @property
    def is_test(self) -> bool:
        """Whether it carries a test event, which says nothing but that it is one."""
        return self.type == TEST_EVENT

    @property
    def job_key(self) -> str:
        """What its present series of attempts is called among the jobs of its kind."""
        return f"{self.id}.{self.series}"

    @property
    def payload(self) -> dict[str, str]:
        """{delivery, series}: what the job of its present series of attempts is given."""
        return {"delivery": self.id, "series": self.series}

    def is_waiting_in(self, series: str) -> bool:
        """Whether that series of attempts counts and goes on."""
        return self.series == series and self.state == "waiting"

    def is_stopped(self, subscription: Subscription) -> bool:
        """Whether its subscription takes nothing, or has stopped since the series began."""
        return not subscription.takes or self.stops != subscription.stops

    def revived(self, subscription: Subscription) -> "Delivery":
        """The delivery waiting once more in the same series."""
        return replace(self, state="waiting", error=None, stops=subscription.stops)

    def parked(self, error: str) -> "Delivery":
        """The delivery as it is given up until somebody retries it."""
        return replace(self, state="parked", error=error)


@dataclass(frozen=True)
class Attempt:
    """One request of a delivery, as it was recorded."""

    delivery: str
    number: int
    at: datetime
    response: WebhookResponse


@dataclass(frozen=True)
class DeliveryPlace:
    """Where a list of deliveries goes on: behind this one."""

    created_at: datetime
    sequence: int
    id: str


@dataclass(frozen=True)
class DeliveryFilter:
    """Which deliveries of a list: in one state, and behind one of them; None stands for all."""

    state: str | None = None
    after: DeliveryPlace | None = None


class AttemptSeries(Enum):
    """What an attempt leaves of its series: nothing, a further attempt, or one soon because the address is new."""

    OVER = "over"
    GOES_ON = "goes on"
    MOVED = "moved"


@dataclass(frozen=True)
class Outgoing:
    """Everything that one attempt needs."""

    subscription: Subscription
    delivery: Delivery
    body: bytes
    health: Health = field(default_factory=Health)
    entitled: bool = True

    @property
    def may_go(self) -> bool:
        """Whether it may go out, now or once its address has answered: it is wished for, and its owner may see it."""
        return self.entitled and not self.delivery.is_stopped(self.subscription)


def by_job(deliveries: Iterable[Delivery]) -> dict[str, str]:
    """The ids of the deliveries that wait, by the ids of the jobs that make them."""
    waiting = (delivery for delivery in deliveries if delivery.state == "waiting")
    return {f"{JOB}:{delivery.job_key}": delivery.id for delivery in waiting}


def attempted(
    delivery: Delivery, series: str, response: WebhookResponse, subscription: Subscription, now: datetime
) -> Delivery:
    """The delivery after an attempt, parked when that failed and its subscription has stopped it.

    An attempt of an earlier series, or after the end, is only counted.
    """
    counted = replace(delivery, attempts=delivery.attempts + 1)
    if not delivery.is_waiting_in(series):
        return counted
    if response.error is None:
        return replace(counted, state="delivered", error=None, delivered_at=now)
    return replace(
        counted, error=response.error, state="parked" if delivery.is_stopped(subscription) else "waiting"
    )


def what_is_left(delivery: Delivery, series: str, moved: bool) -> AttemptSeries:
    """What is left of a series after an attempt; `moved` when that went to what is not the address any more."""
    if not delivery.is_waiting_in(series):
        return AttemptSeries.OVER
    return AttemptSeries.MOVED if moved else AttemptSeries.GOES_ON


def retried(delivery: Delivery, subscription: Subscription, series: str) -> Delivery:
    """The delivery at the beginning of another series of attempts, whatever became of the last one."""
    check_deliverable(subscription)
    return replace(delivery, state="waiting", series=series, error=None, stops=subscription.stops)


def of_test(subscription: Subscription, event: str, now: datetime) -> Delivery:
    """The delivery of a test event that somebody asks for; Conflict where nothing is delivered now."""
    check_deliverable(subscription)
    if subscription.pending:
        raise Conflict(
            "The address is being sent a test event already: the subscription is enabled once it has answered.",
            "test-under-way",
        )
    id = f"{subscription.id}.test-{event}"
    return Delivery(id, subscription.id, event, TEST_EVENT, 0, now, stops=subscription.stops)


def check_deliverable(subscription: Subscription) -> None:
    """Conflict unless a subscription takes deliveries, now or once its address has answered."""
    check_open(subscription)
    if not subscription.switched_on:
        raise Conflict("The subscription is disabled: enable it first.", "subscription-disabled")
    if subscription.url is None:
        raise Conflict("The subscription has no address to deliver to: give it one first.", "no-address")
