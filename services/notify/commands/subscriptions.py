"""Making, changing and ending subscriptions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.notify import domain, store, webhooks
from services.notify.domain import JOB, MINISTRY, Catalogue, Health, Secret, Subscription
from shared.core.errors import Conflict, Invalid
from shared.events.notify import SubscriptionDisabled
from shared.jobs import queue
from shared.storage.transaction import Transaction
from shared.storage.versions import check_seen


def subscribe(
    tx: Transaction, sent: Mapping[str, Any], kid: str, catalogue: Catalogue, private: bool
) -> Subscription:
    """Make a subscription; its HMAC secret is to be derived with the key `kid`."""
    scope = sent["scope"]
    domain.may_subscribe(tx.caller, scope)
    domain.check_types(sent["types"], scope, catalogue)
    if sent["url"]:
        webhooks.check_url(sent["url"], private)
    if scope != MINISTRY and not store.agency_known(tx, scope):
        raise Invalid(
            f'No agency is called {scope}; the scope is an agency\'s id or "ministry".', "unknown-agency"
        )
    owner = None if tx.caller.has(MINISTRY) else tx.caller.person
    _check_name(tx, owner, sent["name"])
    one = Subscription(
        id=tx.new_id(),
        name=sent["name"],
        url=sent["url"],
        scope=scope,
        types=tuple(sent["types"]),
        owner=owner,
        created_at=tx.now,
        secrets=(Secret(kid, tx.new_id()),),
    )
    if owner:  # its own head, so that two of them cannot both be the last that fits
        tx.audit(f"owner:{owner}", "subscription.made", subscription=one.id)
    return _keep(tx, one, "subscription.made", name=one.name, url=one.url, scope=scope, types=list(one.types))


def change(
    tx: Transaction, id: str, sent: Mapping[str, Any], seen: int, catalogue: Catalogue, private: bool
) -> Subscription:
    """Change the address, the types, or whether events are delivered."""
    old = _found(tx, id)
    domain.check_open(old)
    wished = {name: sent[name] for name in ("url", "types") if name in sent}
    check_seen(seen, old.rev, sent, {"url": old.url, "types": old.types, "enabled": old.enabled})
    domain.check_types(sent.get("types", old.types), old.scope, catalogue)
    if sent.get("url"):
        webhooks.check_url(sent["url"], private)
    one = replace(old, **{**wished, "types": tuple(sent.get("types", old.types))})
    enabled = sent.get("enabled", old.enabled)
    if wished and one != old:
        detail = {"url": one.url, "types": list(one.types)}
        one = _keep(tx, one, "subscription.changed", **detail)
    if one.url != old.url:
        _begin_anew(tx, one)
    if enabled and not one.enabled:
        return _switch_on(tx, one)
    return one if enabled or not one.enabled else switch_off(tx, one, "switched off by hand")


def enable(tx: Transaction, id: str) -> Subscription:
    """Deliver again from the next event on; what came meanwhile stands in the stream."""
    one = _found(tx, id)
    domain.check_open(one)
    return one if one.enabled else _switch_on(tx, one)


def rotate(tx: Transaction, id: str, kid: str, keep: timedelta) -> Subscription:
    """Give a new HMAC secret; the one before it signs as well for a while."""
    one = domain.rotated(_found(tx, id), Secret(kid, tx.new_id()), tx.now, keep)
    return _keep(tx, one, "subscription.secret-rotated", keep_seconds=int(keep.total_seconds()))


def close(tx: Transaction, id: str) -> None:
    """End a subscription for good; what stands in its stream can still be read."""
    one = _found(tx, id)
    if one.state != "closed":
        switch_off(tx, one, "closed by hand", state="closed")


def switch_off(tx: Transaction, one: Subscription, reason: str, state: str = "disabled") -> Subscription:
    """Deliver nothing any more, and tell so when it was enabled."""
    kept = _keep(tx, replace(one, state=state, reason=reason), f"subscription.{state}", reason=reason)
    if one.enabled:
        tx.emit(f"subscription:{one.id}", SubscriptionDisabled(subscription=one.id, reason=reason))
    return kept


def still_entitled(tx: Transaction, one: Subscription) -> bool:
    """Whether its owner holds the scope now; one that does not is switched off."""
    if store.entitled(tx, one):
        return True
    if one.enabled:
        switch_off(tx, one, "its owner may no longer see what it asks for")
    return False


def _begin_anew(tx: Transaction, one: Subscription) -> None:
    """Hold nothing against a new address that the old one did: no rest, no failures, no waiting."""
    store.save_health(tx, one.id, Health())
    queue.reschedule_now(tx, JOB, one.id)


def _switch_on(tx: Transaction, one: Subscription) -> Subscription:
    domain.check_entitled(store.entitled(tx, one))
    store.save_health(tx, one.id, Health())
    return _keep(tx, replace(one, state="enabled", reason=None), "subscription.enabled")


def _keep(tx: Transaction, one: Subscription, action: str, **detail: Any) -> Subscription:
    store.save(tx, one)
    tx.audit(f"subscription:{one.id}", action, **detail)
    kept = store.subscription(tx, one.id)
    assert kept is not None
    return kept


def _found(tx: Transaction, id: str) -> Subscription:
    return domain.found(tx.caller, store.subscription(tx, id))


def _check_name(tx: Transaction, owner: str | None, name: str) -> None:
    names = store.open_names(tx, owner)
    if name in names:
        raise Conflict(f"There is a subscription called {name} already.", "already-exists")
    if owner and len(names) >= domain.SUBSCRIPTIONS:
        raise Conflict(
            f"You have {domain.SUBSCRIPTIONS} subscriptions already: close one first.",
            "too-many-subscriptions",
        )
