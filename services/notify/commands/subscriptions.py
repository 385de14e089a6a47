"""Making, changing and ending subscriptions."""

from datetime import timedelta
from typing import Any

from services.notify import domain, store
from services.notify.domain import (
    JOB,
    Catalogue,
    ChangeOrder,
    Health,
    Secret,
    Subscription,
    SubscriptionOrder,
)
from shared.events import contracts
from shared.events.notify import SubscriptionDisabled
from shared.jobs import queue
from shared.storage.transaction import Transaction
from shared.storage.versions import check_rev

CATALOGUE: Catalogue = {
    contract.type: contract.feeds for contract in contracts() if "notify" in contract.consumers
}


def subscribe(tx: Transaction, order: SubscriptionOrder, kid: str, allow_private: bool) -> Subscription:
    """Make a subscription; its HMAC secret is to be derived with the key `kid`."""
    domain.check_may_subscribe(tx.caller, order.scope)
    domain.check_types(order.types, order.scope, CATALOGUE)
    domain.check_url(order.url, allow_private)
    domain.check_scope(order.scope, store.is_agency_known(tx, order.scope))
    owner = domain.owner_of_new(tx.caller)
    domain.check_name(order.name, owner, store.list_open_names(tx, owner))
    secrets = (Secret(kid, tx.new_id()),)
    subscription = Subscription(
        id=tx.new_id(), owner=owner, created_at=tx.now, secrets=secrets, **vars(order)
    )
    if owner:  # its own head, so that two of them cannot both be the last that fits
        tx.audit(f"owner:{owner}", "subscription.made", subscription=subscription.id)
    return _save(tx, subscription, "subscription.made", **vars(order) | {"types": list(order.types)})


def change(
    tx: Transaction, id: str, order: ChangeOrder, expected_rev: int, allow_private: bool
) -> Subscription:
    """Change the address, the types, or whether events are delivered."""
    before = _require_open(tx, id)
    check_rev(expected_rev, before.rev, order.yours, before.changeable)
    after = domain.changed(before, order)
    domain.check_types(after.types, after.scope, CATALOGUE)
    domain.check_url(order.new_url, allow_private)
    if after != before:
        after = _save(tx, after, "subscription.changed", url=after.url, types=list(after.types))
    if after.url != before.url:
        _forget_old_address(tx, after)
    return _switch(tx, after, domain.is_to_be_enabled(before, order))


def enable(tx: Transaction, id: str) -> Subscription:
    """Deliver again from the next event on; what came meanwhile stands in the stream."""
    return _switch(tx, _require_open(tx, id), enabled=True)


def rotate(tx: Transaction, id: str, kid: str, keep: timedelta) -> Subscription:
    """Give a new HMAC secret; the one before it signs as well for a while."""
    rotated = domain.rotated(_require(tx, id), Secret(kid, tx.new_id()), tx.now, keep)
    return _save(tx, rotated, "subscription.secret-rotated", keep_seconds=int(keep.total_seconds()))


def close(tx: Transaction, id: str) -> None:
    """End a subscription for good; what stands in its stream can still be read."""
    subscription = _require(tx, id)
    if subscription.open:
        disable(tx, subscription, "closed by hand", state="closed")


def disable(
    tx: Transaction, subscription: Subscription, reason: str, state: str = "disabled"
) -> Subscription:
    """Deliver nothing any more, and publish that when it was enabled."""
    saved = _save(tx, subscription.switched(state, reason), f"subscription.{state}", reason=reason)
    if subscription.enabled:
        event = SubscriptionDisabled(subscription=subscription.id, reason=reason)
        tx.emit(f"subscription:{subscription.id}", event)
    return saved


def disable_unentitled(tx: Transaction, subscription: Subscription) -> Subscription:
    """Switch off an enabled subscription whose owner may no longer see what it asks for."""
    if not subscription.enabled:
        return subscription
    return disable(tx, subscription, "its owner may no longer see what it asks for")


def _switch(tx: Transaction, subscription: Subscription, enabled: bool) -> Subscription:
    if enabled == subscription.enabled:
        return subscription
    if not enabled:
        return disable(tx, subscription, "switched off by hand")
    domain.check_entitled(store.is_entitled(tx, subscription))
    store.save_health(tx, subscription.id, Health())
    return _save(tx, subscription.switched("enabled"), "subscription.enabled")


def _forget_old_address(tx: Transaction, subscription: Subscription) -> None:
    """Hold nothing against a new address that the old one did: no rest, no failures, no waiting."""
    store.save_health(tx, subscription.id, Health())
    queue.reschedule_now(tx, JOB, subscription.id)


def _save(tx: Transaction, subscription: Subscription, action: str, **detail: Any) -> Subscription:
    saved = store.save_subscription(tx, subscription)
    tx.audit(f"subscription:{saved.id}", action, **detail)
    return saved


def _require(tx: Transaction, id: str) -> Subscription:
    return domain.require_visible(store.find_subscription(tx, id), tx.caller)


def _require_open(tx: Transaction, id: str) -> Subscription:
    subscription = _require(tx, id)
    domain.check_open(subscription)
    return subscription
