"""What notify publishes: deliveries that could not be made and subscriptions that were switched off."""

from dataclasses import dataclass

from shared.events.contract import event


@event("delivery.parked.v1", producer="notify", consumers=("notify",), feeds=("ministry",))
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryParked:
    """A delivery was tried for as long as its schedule lasts and now waits for a person.

    `undelivered` is the id of the event that it carries.
    """

    delivery: str
    subscription: str
    undelivered: str
    attempts: int
    error: str


@event("subscription.disabled.v1", producer="notify", consumers=("notify",), feeds=("ministry",))
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionDisabled:
    """A subscription gets nothing any more until it is enabled again; its stream goes on and can be read."""

    subscription: str
    reason: str
