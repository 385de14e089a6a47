"""What becomes of deliveries: attempts recorded, given up, retried by hand."""

from dataclasses import replace

from services.notify import domain, store
from services.notify.commands.subscriptions import still_entitled, switch_off
from services.notify.domain import JOB, Answer, Attempt, Delivery, Round, Subscription
from shared.events import of_type
from shared.events.notify import DeliveryParked
from shared.jobs import queue
from shared.storage.transaction import Transaction

MOST_RETRIED = 200


def record(tx: Transaction, id: str, run: str, answer: Answer, url: str) -> Round:
    """Write down one attempt at an address; gives what is left of this round of tries."""
    before, subscription = _both(tx, id)
    after = domain.attempted(before, run, answer, tx.now)
    store.add_attempt(tx, Attempt(id, after.attempts, tx.now, answer))
    moved = subscription.url != url
    on = subscription.enabled if moved else _still_on(tx, subscription, answer)
    if not on and after.run == run and after.state == "waiting":
        after = replace(after, state="parked")
    store.save_delivery(tx, after)
    tx.audit(
        f"delivery:{id}", "delivery.attempted", number=after.attempts, status=answer.status, state=after.state
    )
    return domain.what_is_left(after, run, moved)


def suspend(tx: Transaction, id: str, run: str) -> bool:
    """Put a delivery aside because its subscription takes none now; gives whether this round of tries is over.

    The subscription's own event says so.
    """
    one, subscription = _both(tx, id)
    if not still_entitled(tx, subscription):
        one, subscription = _both(tx, id)
    if one.run != run or one.state != "waiting":
        return True
    if subscription.delivers:
        return False
    error = f"the subscription is {subscription.state}: {subscription.reason}"
    _park(tx, one, "it has no address any more" if subscription.enabled else error)
    return True


def park(tx: Transaction, id: str, run: str, error: str) -> None:
    """Give a delivery up until somebody retries it, and tell so.

    That an event about deliveries could not be delivered is not told again: the chain ends here.
    """
    one, _ = _both(tx, id)
    if one.run != run or one.state != "waiting":
        return
    _park(tx, one, error)
    contract = of_type(one.type)
    if contract and contract.producer != tx.context.service:
        event = DeliveryParked(
            delivery=id,
            subscription=one.subscription,
            undelivered=one.event,
            attempts=one.attempts,
            error=error,
        )
        tx.emit(f"subscription:{one.subscription}", event)


def retry(tx: Transaction, id: str) -> Delivery:
    """Begin a round of tries at once, whatever became of the last one: a round of its own name is never swallowed."""
    one, subscription = domain.found_delivery(tx.caller, *store.delivery_and_subscription(tx, id))
    return _retry(tx, one, subscription)


def retry_parked(tx: Transaction, subscription: str) -> tuple[int, bool]:
    """Retry the parked deliveries of a subscription, the latest first; gives how many, and whether more are left."""
    of = domain.found(tx.caller, store.subscription(tx, subscription))
    parked = store.deliveries(tx, subscription, "parked", None, MOST_RETRIED + 1)
    for one in parked[:MOST_RETRIED]:
        _retry(tx, one, of)
    return len(parked[:MOST_RETRIED]), len(parked) > MOST_RETRIED


def _retry(tx: Transaction, one: Delivery, subscription: Subscription) -> Delivery:
    domain.check_entitled(store.entitled(tx, subscription))
    again = domain.retried(one, subscription, tx.new_id())
    store.save_delivery(tx, again)
    payload = {"delivery": again.id, "run": again.run}
    queue.add(tx, JOB, again.job_key, payload, group=again.subscription)
    tx.audit(f"delivery:{again.id}", "delivery.retried", run=again.run)
    return again


def _still_on(tx: Transaction, subscription: Subscription, answer: Answer) -> bool:
    """Take note of how the receiver does; False when that switched the subscription off, now or before."""
    before = store.health(tx, subscription.id)
    health = before.after(answer, tx.now)
    reason = domain.reason_to_stop(answer, health, tx.now)
    if health != before or reason:
        store.save_health(
            tx, subscription.id, health
        )  # also unchanged: an answer that came with it conflicts
    if subscription.enabled and reason:
        switch_off(tx, subscription, reason)
    return subscription.enabled and not reason


def _park(tx: Transaction, one: Delivery, error: str) -> None:
    store.save_delivery(tx, replace(one, state="parked", error=error))
    tx.audit(f"delivery:{one.id}", "delivery.parked", error=error)


def _both(tx: Transaction, id: str) -> tuple[Delivery, Subscription]:
    one, subscription = store.delivery_and_subscription(tx, id)
    assert one is not None
    assert subscription is not None
    return one, subscription
