"""Facts on their way into the streams of whoever may and wants to have them."""

from hashlib import sha256

from services.notify import bodies, domain, store
from services.notify.commands.subscriptions import still_entitled
from services.notify.domain import CHORE, Delivery, Subscription
from shared import chores
from shared.events import Contract, contracts, of_fact
from shared.events.intake import AgencySet
from shared.transaction import Transaction

CATALOGUE: domain.Catalogue = {one.type: one.feeds for one in contracts() if "notify" in one.heard_by}


def copy_agency(tx: Transaction, fact: AgencySet) -> None:
    """Take over that there is such an agency, so that subscriptions can be made for it."""
    if store.heard(tx, "agencies", fact.agency) < tx.sequence:
        store.keep_agency(tx, fact.agency, fact.name)
        tx.audit(f"agency:{fact.agency}", "agency.copied")


def publish(tx: Transaction, fact: object) -> None:
    """Give a fact to every stream that may carry it and asked for it, each with its own next number."""
    contract = of_fact(fact)
    wanting = [one for one in _listening(tx, contract, fact) if still_entitled(tx, one)]
    if wanting:
        data = bodies.fields(fact)
        for one in wanting:
            _append(tx, one, contract.type, data)


def _listening(tx: Transaction, contract: Contract, fact: object) -> list[Subscription]:
    """Who listens: nobody hears about itself, or a dead receiver would beget facts for a dead receiver."""
    agency, itself = getattr(fact, "agency", None), getattr(fact, "subscription", None)
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
    at = tx.context.told_at or tx.now
    body = bodies.frozen(type, at, data, stream=one.id, sequence=sequence, event=event)
    store.add_entry(tx, one.id, sequence, event, body)
    if one.delivers:
        _send(tx, Delivery(f"{one.id}.{sequence}", one.id, event, type, sequence, tx.now))
    hash = sha256(body).hexdigest()
    tx.audit(f"subscription:{one.id}", "event.added", event=event, sequence=sequence, body=hash)


def _send(tx: Transaction, delivery: Delivery) -> None:
    store.add_delivery(tx, delivery)
    payload = {"delivery": delivery.id, "run": delivery.run}
    chores.add(tx, CHORE, delivery.chore_key, payload, group=delivery.subscription)
