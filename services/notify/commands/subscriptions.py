"""Making, changing and ending subscriptions."""

from datetime import timedelta
from typing import Any

from services.notify import domain, store
from services.notify.domain import (
    JOB,
    TEST_JOB,
    Catalogue,
    ChangeOrder,
    Health,
    Secret,
    Subscription,
    SubscriptionOrder,
    TargetRules,
    WebhookResponse,
)
from shared.events import contracts
from shared.events.notify import SubscriptionDisabled
from shared.jobs import queue
from shared.storage.transaction import Transaction
from shared.storage.versions import EVERY, Expected, check_rev

CATALOGUE: Catalogue = {
    contract.type: contract.feeds for contract in contracts() if "notify" in contract.consumers
}


def subscribe(tx: Transaction, order: SubscriptionOrder, kid: str, rules: TargetRules) -> Subscription:
    """Make a subscription; its HMAC secret is to be derived with the key `kid`."""
    domain.check_may_subscribe(tx.caller, order.scope)
    domain.check_types(order.types, order.scope, CATALOGUE)
    domain.check_url(order.url, rules)
    domain.check_scope(order.scope, store.is_agency_known(tx, order.scope))
    owner = domain.owner_of_new(tx.caller)
    domain.check_name(order.name, owner, store.list_open_names(tx, owner))
    secrets = (Secret(kid, tx.new_id()),)
    subscription = Subscription(
        id=tx.new_id(), owner=owner, created_at=tx.now, secrets=secrets, **vars(order)
    )
    if owner:  # its own head, so that two of them cannot both be the last that fits
        tx.audit(f"owner:{owner}", "subscription.made", subscription=subscription.id)
    return _switch_on(tx, subscription, "subscription.made", **vars(order) | {"types": list(order.types)})


def change(
    tx: Transaction, id: str, order: ChangeOrder, expected_rev: Expected, rules: TargetRules
) -> Subscription:
    """Change the address, the types, or whether events are delivered."""
    before = _require_open(tx, id)
    check_rev(expected_rev, before.rev, order.yours, before.changeable)
    after = domain.changed(before, order)
    domain.check_types(after.types, after.scope, CATALOGUE)
    domain.check_url(order.new_url, rules)
    on, moved = domain.is_to_be_enabled(before, order), after.url != before.url
    if moved:
        _forget_old_address(tx, after)
    changed = {"url": after.url, "types": list(after.types)}
    if moved and on and after.switched_on:
        return _switch_on(tx, after, "subscription.changed", **changed)
    if after != before:
        after = _save(tx, after, "subscription.changed", **changed)
    return _switch(tx, after, on)


def enable(tx: Transaction, id: str) -> Subscription:
    """Deliver again from the next event on, once the address has answered a test event, which is sent at once."""
    subscription = _require_open(tx, id)
    return subscription if subscription.enabled else _enable(tx, subscription)


def record_test(tx: Transaction, id: str, test: str, response: WebhookResponse) -> bool:
    """Write down what came of a test event; gives whether it is to be sent again."""
    before = _require_known(tx, id)
    if not before.awaits(test):
        return False
    after = before.after_test(response.error)
    if after != before:
        detail = {"test": test, "status": response.status}
        after = _save(
            tx, after, "subscription.enabled" if after.enabled else "subscription.untested", **detail
        )
    if after.enabled:
        queue.reschedule_now(tx, JOB, id)
    return after.pending


def give_up_test(tx: Transaction, id: str, test: str, reason: str) -> None:
    """Switch a subscription off whose address did not answer its test event."""
    subscription = _require_known(tx, id)
    if subscription.awaits(test):
        disable(tx, subscription, f"its address did not answer the test event: {reason}")


def revive_test(tx: Transaction, id: str, test: str) -> None:
    """Wait once more for the answer to a test event that was given up, whose job an operator retries."""
    subscription = _require_known(tx, id)
    if subscription.test == test and subscription.state == "disabled":
        _save(tx, subscription.tested(test), "subscription.pending", test=test)


def rotate(
    tx: Transaction, id: str, kid: str, keep: timedelta, expected_rev: Expected = EVERY
) -> Subscription:
    """Give a new HMAC secret; the one before it signs as well for a while."""
    before = _require(tx, id)
    check_rev(expected_rev, before.rev, {}, before.changeable)
    rotated = domain.rotated(before, Secret(kid, tx.new_id()), tx.now, keep)
    return _save(tx, rotated, "subscription.secret-rotated", keep_seconds=int(keep.total_seconds()))


def close(tx: Transaction, id: str) -> None:
    """End a subscription for good; what stands in its stream can still be read."""
    subscription = _require(tx, id)
    if subscription.open:
        disable(tx, subscription, "closed by hand", state="closed")


def disable(
    tx: Transaction, subscription: Subscription, reason: str, state: str = "disabled"
) -> Subscription:
    """Deliver nothing any more, and publish that when it was switched on."""
    saved = _save(tx, subscription.switched_off(state, reason), f"subscription.{state}", reason=reason)
    if subscription.switched_on:
        event = SubscriptionDisabled(subscription=subscription.id, reason=reason)
        tx.emit(f"subscription:{subscription.id}", event)
    return saved


def disable_unentitled(tx: Transaction, subscription: Subscription) -> Subscription:
    """Switch off a subscription whose owner may no longer see what it asks for."""
    if not subscription.switched_on:
        return subscription
    return disable(tx, subscription, "its owner may no longer see what it asks for")


def _switch(tx: Transaction, subscription: Subscription, on: bool) -> Subscription:
    if on == subscription.switched_on:
        return subscription
    return _enable(tx, subscription) if on else disable(tx, subscription, "switched off by hand")


def _enable(tx: Transaction, subscription: Subscription) -> Subscription:
    domain.check_entitled(store.is_entitled(tx, subscription))
    store.save_health(tx, subscription.id, Health())
    return _switch_on(tx, subscription)


def _switch_on(tx: Transaction, subscription: Subscription, action: str = "", **detail: Any) -> Subscription:
    """Send a test event to the address, and deliver once it is answered; at once where there is no address."""
    switched = subscription.tested(tx.new_id())
    if switched.test:
        payload = {"subscription": switched.id, "test": switched.test}
        queue.add(tx, TEST_JOB, switched.test, payload, group=switched.id)
    return _save(tx, switched, action or f"subscription.{switched.state}", **detail, test=switched.test)


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


def _require_known(tx: Transaction, id: str) -> Subscription:
    found = store.find_subscription(tx, id)
    assert found is not None, f"no subscription {id}"
    return found


def _require_open(tx: Transaction, id: str) -> Subscription:
    subscription = _require(tx, id)
    domain.check_open(subscription)
    return subscription
