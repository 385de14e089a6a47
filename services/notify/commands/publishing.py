"""Events on their way into the streams of whoever may and wants to have them."""

from datetime import timedelta
from hashlib import sha256

from services.notify import domain, store, webhooks
from services.notify.commands.subscriptions import disable_unentitled
from services.notify.domain import JOB, Delivery, Subscription
from shared.events import contract_of
from shared.jobs import queue
from shared.storage.transaction import Transaction

UNTESTED = timedelta(minutes=5)


def publish(tx: Transaction, event: object) -> None:
    """Give an event to every stream that may carry it and asked for it, each with its own next number."""
    contract = contract_of(event)
    scopes = domain.scopes_concerned(contract.feeds, getattr(event, "agency", None))
    entitled = []
    for subscription in store.list_open_subscriptions(tx, scopes):
        if not domain.receives(subscription, contract.type, contract.feeds, event):
            continue
        if store.is_entitled(tx, subscription):
            entitled.append(subscription)
        else:
            disable_unentitled(tx, subscription)
    data = webhooks.event_data(event) if entitled else {}
    for subscription in entitled:
        _append(tx, subscription, contract.type, data)


def _append(tx: Transaction, subscription: Subscription, type: str, data: dict[str, object]) -> None:
    stream, event = subscription.id, tx.context.causation
    assert event is not None
    sequence = store.draw_sequence(tx, stream)
    at = tx.context.event_time or tx.now
    body = webhooks.freeze(type, at, data, stream=stream, sequence=sequence, event=event)
    store.add_entry(tx, stream, sequence, event, body)
    if subscription.takes:
        id, stops = f"{stream}.{sequence}", subscription.stops
        _add_delivery(tx, subscription, Delivery(id, stream, event, type, sequence, tx.now, stops=stops))
    hash = sha256(body).hexdigest()
    tx.audit(f"subscription:{stream}", "event.added", event=event, sequence=sequence, body=hash)


def _add_delivery(tx: Transaction, subscription: Subscription, delivery: Delivery) -> None:
    """Add a delivery, which waits while its address is tested: the answer to the test event makes it due."""
    due = tx.now + UNTESTED if subscription.pending else None
    store.add_delivery(tx, delivery)
    queue.add(tx, JOB, delivery.job_key, delivery.payload, group=delivery.subscription, due=due)
