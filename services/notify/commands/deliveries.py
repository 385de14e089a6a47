"""What becomes of deliveries: attempts recorded, suspended, parked, retried by hand."""

from services.notify import domain, store
from services.notify.commands.subscriptions import disable, disable_unentitled
from services.notify.domain import (
    JOB,
    Attempt,
    AttemptSeries,
    Delivery,
    DeliveryFilter,
    Subscription,
    WebhookResponse,
)
from shared.events import of_type
from shared.events.notify import DeliveryParked
from shared.jobs import queue
from shared.storage.transaction import Transaction

MAX_RETRIED = 200


def record(tx: Transaction, id: str, series: str, response: WebhookResponse, url: str) -> AttemptSeries:
    """Write down one attempt at an address; gives what is left of its series."""
    before, subscription = store.require_delivery(tx, id)
    moved = subscription.url != url
    if not moved:
        subscription = _record_health(tx, subscription, response)
    after = domain.attempted(before, series, response, subscription, tx.now)
    store.add_attempt(tx, Attempt(id, after.attempts, tx.now, response))
    store.save_delivery(tx, after)
    detail = {"number": after.attempts, "status": response.status, "state": after.state}
    tx.audit(f"delivery:{id}", "delivery.attempted", **detail)
    return domain.what_is_left(after, series, moved)


def suspend(tx: Transaction, id: str, series: str) -> bool:
    """Park a delivery that its subscription has stopped; gives whether this series of attempts is over.

    The subscription's own event says so.
    """
    delivery, subscription = store.require_delivery(tx, id)
    if not store.is_entitled(tx, subscription):
        subscription = disable_unentitled(tx, subscription)
    if not delivery.is_waiting_in(series):
        return True
    if not delivery.is_stopped(subscription):
        return False
    _park(tx, delivery, subscription.reason_to_suspend())
    return True


def park(tx: Transaction, id: str, series: str, error: str) -> None:
    """Give a delivery up until somebody retries it, and publish that.

    That an event about deliveries could not be delivered is not published again: the chain ends here.
    """
    delivery, _ = store.require_delivery(tx, id)
    if not delivery.is_waiting_in(series):
        return
    _park(tx, delivery, error)
    contract = of_type(delivery.type)
    if contract and contract.producer != tx.context.service:
        event = DeliveryParked(
            delivery=id,
            subscription=delivery.subscription,
            undelivered=delivery.event,
            attempts=delivery.attempts,
            error=error,
        )
        tx.emit(f"subscription:{delivery.subscription}", event)


def revive(tx: Transaction, id: str, series: str) -> None:
    """Let a parked delivery wait again in the same series, whose job an operator retries."""
    delivery, subscription = store.require_delivery(tx, id)
    if delivery.series == series and delivery.state == "parked":
        store.save_delivery(tx, delivery.revived(subscription))
        tx.audit(f"delivery:{id}", "delivery.retried", series=series)


def retry(tx: Transaction, id: str) -> Delivery:
    """Begin a series of attempts at once, whatever became of the last one.

    Its name is new, so that no job of an earlier series stands for it.
    """
    return _retry(tx, *domain.require_visible_delivery(*store.find_delivery(tx, id), tx.caller))


def retry_parked(tx: Transaction, id: str) -> tuple[int, bool]:
    """Retry the parked deliveries of a subscription, the latest first; gives how many, and whether more are left."""
    subscription = domain.require_visible(store.find_subscription(tx, id), tx.caller)
    parked = store.list_deliveries(tx, id, DeliveryFilter("parked"), MAX_RETRIED)
    for delivery in parked.rows:
        _retry(tx, delivery, subscription)
    return len(parked.rows), parked.more


def send_test(tx: Transaction, id: str) -> Delivery:
    """Have a test event delivered to a subscription, like any other event but that it stands in no stream."""
    subscription = domain.require_visible(store.find_subscription(tx, id), tx.caller)
    domain.check_entitled(store.is_entitled(tx, subscription))
    delivery = domain.of_test(subscription, tx.new_id(), tx.now)
    store.add_delivery(tx, delivery)
    queue.add(tx, JOB, delivery.job_key, delivery.payload, group=delivery.subscription)
    tx.audit(f"delivery:{delivery.id}", "delivery.tested", event=delivery.event)
    return delivery


def _retry(tx: Transaction, delivery: Delivery, subscription: Subscription) -> Delivery:
    domain.check_entitled(store.is_entitled(tx, subscription))
    retried = store.save_delivery(tx, domain.retried(delivery, subscription, tx.new_id()))
    queue.add(tx, JOB, retried.job_key, retried.payload, group=retried.subscription)
    tx.audit(f"delivery:{retried.id}", "delivery.retried", series=retried.series)
    return retried


def _record_health(tx: Transaction, subscription: Subscription, response: WebhookResponse) -> Subscription:
    """Keep how the receiver does, and switch the subscription off when that is reason enough."""
    before = store.find_health(tx, subscription.id)
    health = before.after(response, tx.now)
    reason = domain.reason_to_stop(response, health, tx.now)
    if health != before or reason:  # also unchanged: a response that came at the same moment conflicts
        store.save_health(tx, subscription.id, health)
    return disable(tx, subscription, reason) if subscription.switched_on and reason else subscription


def _park(tx: Transaction, delivery: Delivery, error: str) -> None:
    store.save_delivery(tx, delivery.parked(error))
    tx.audit(f"delivery:{delivery.id}", "delivery.parked", error=error)
