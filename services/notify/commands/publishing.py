"""Facts on their way into the streams of whoever may and wants to have them."""

from hashlib import sha256

from services.notify import bodies, domain, store
from services.notify.commands.subscriptions import still_entitled
from services.notify.domain import JOB, Delivery, Subscription
from shared.events import Contract, contract_of, contracts
from shared.events.intake import AgencySet
from shared.jobs import queue
from shared.storage.transaction import Transaction

CATALOGUE: domain.Catalogue = {one.type: one.feeds for one in contracts() if "notify" in one.consumers}


def copy_agency(tx: Transaction, event: AgencySet) -> None:
    """Take over that there is such an agency, so that subscriptions can be made for it."""
    if store.heard(tx, "agencies", event.agency) < tx.sequence:
        store.keep_agency(tx, event.agency, event.name)
        tx.audit(f"agency:{event.agency}", "agency.copied")


def publish(tx: Transaction, event: object) -> None:
    """Give an event to every stream that may carry it and asked for it, each with its own next number."""
    contract = contract_of(event)
    wanting = [one for one in _listening(tx, contract, event) if still_entitled(tx, one)]
    if wanting:
        data = bodies.fields(event)
        for one in wanting:
            _append(tx, one, contract.type, data)


def _listening(tx: Transaction, contract: Contract, event: object) -> list[Subscription]:
    """Who listens: nobody hears about itself, or a dead receiver would beget events for a dead receiver."""
    agency, itself = getattr(event, "agency", None), getattr(event, "subscription", None)
    everybody = contract.type in domain.TO_EVERY_AGENCY
    scopes = None if everybody else dict.fromkeys((domain.MINISTRY, agency or domain.MINISTRY))
    return [
        one
        for one in store.listening(tx, scopes)
        if domain.carries(one.scope, contract.type, contract.feeds, agency)
        and domain.wants(one, contract.type)
        and one.id != itself
    ]


def _append(tx: Transaction, one: Subscription, type: str, data: dict[str, object]) -> None:
    sequence, event = store.next_sequence(tx, one.id), tx.context.causation
    assert event is not None
    at = tx.context.event_time or tx.now
    body = bodies.frozen(type, at, data, stream=one.id, sequence=sequence, event=event)
    store.add_entry(tx, one.id, sequence, event, body)
    if one.delivers:
        _send(tx, Delivery(f"{one.id}.{sequence}", one.id, event, type, sequence, tx.now))
    hash = sha256(body).hexdigest()
    tx.audit(f"subscription:{one.id}", "event.added", event=event, sequence=sequence, body=hash)


def _send(tx: Transaction, delivery: Delivery) -> None:
    store.add_delivery(tx, delivery)
    payload = {"delivery": delivery.id, "run": delivery.run}
    queue.add(tx, JOB, delivery.job_key, payload, group=delivery.subscription)
