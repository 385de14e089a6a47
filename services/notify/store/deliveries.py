"""Deliveries, their attempts, and how receivers do."""

from collections.abc import Iterable
from datetime import datetime

from services.notify import domain
from services.notify.domain import Attempt, Delivery, DeliveryFilter, DeliveryPlace, Health, Subscription
from services.notify.store.subscriptions import find_subscription
from shared.jobs import queue
from shared.storage import documents
from shared.storage.documents import from_document, to_document
from shared.storage.reader import Doc, Page, Reader
from shared.storage.transaction import Transaction

ORDER = (("created_at", -1), ("sequence", -1), ("_id", -1))
"""The latest first; a test event has no sequence."""


def find_delivery(reader: Reader, id: str) -> tuple[Delivery | None, Subscription | None]:
    """One delivery with its subscription; None for what there is not."""
    doc = reader.get("deliveries", id)
    if doc is None:
        return None, None
    delivery = from_document(Delivery, doc)
    return delivery, find_subscription(reader, delivery.subscription)


def require_delivery(reader: Reader, id: str) -> tuple[Delivery, Subscription]:
    """The delivery of a job with its subscription, which are there for sure."""
    delivery, subscription = find_delivery(reader, id)
    assert delivery is not None, f"no delivery {id}"
    assert subscription is not None, f"no subscription of delivery {id}"
    return delivery, subscription


def list_deliveries(reader: Reader, subscription: str, wanted: DeliveryFilter, limit: int) -> Page[Delivery]:
    """A subscription's deliveries that match, the latest first."""
    where: Doc = {"subscription": subscription}
    if wanted.state is not None:
        where["state"] = wanted.state
    if wanted.after is not None:
        where |= _behind(wanted.after)
    docs = reader.find_page("deliveries", where, ORDER, limit)
    return docs.map(lambda doc: from_document(Delivery, doc))


def _behind(place: DeliveryPlace) -> Doc:
    """The condition for what stands behind a place in a list whose order is ORDER."""
    at, sequence = {"created_at": place.created_at}, {"sequence": place.sequence}
    return {
        "created_at": {"$lte": place.created_at},
        "$or": [
            {"created_at": {"$lt": place.created_at}},
            {**at, "sequence": {"$lt": place.sequence}},
            {**at, **sequence, "_id": {"$lt": place.id}},
        ],
    }


def count_parked(reader: Reader, subscriptions: Iterable[str]) -> dict[str, int]:
    """How many deliveries of each subscription wait for somebody to retry them, those that have some."""
    where = {"subscription": {"$in": sorted(subscriptions)}, "state": "parked"}
    group = {"_id": "$subscription", "count": {"$sum": 1}}
    rows = reader.aggregate("deliveries", [{"$match": where}, {"$group": group}])
    return {row["_id"]: row["count"] for row in rows}


def add_delivery(tx: Transaction, delivery: Delivery) -> None:
    """Add a new delivery."""
    tx.insert("deliveries", to_document(delivery))


def save_delivery(tx: Transaction, delivery: Delivery) -> Delivery:
    """Keep a delivery that is known already; gives it as stored."""
    return documents.save(tx, "deliveries", delivery)


def add_attempt(tx: Transaction, attempt: Attempt) -> None:
    """Add an attempt, for ever."""
    tx.append("attempts", to_document(attempt, _id=f"{attempt.delivery}.{attempt.number}"))


def list_attempts(reader: Reader, delivery: str, limit: int) -> list[Attempt]:
    """The attempts of a delivery, the latest first."""
    docs = reader.find("attempts", {"delivery": delivery}, [("number", -1)], limit)
    return [from_document(Attempt, doc) for doc in docs]


def find_health(reader: Reader, subscription: str) -> Health:
    """How a receiver has answered of late."""
    doc = reader.get("health", subscription)
    return from_document(Health, doc) if doc else Health()


def list_healths(reader: Reader, subscriptions: Iterable[str]) -> dict[str, Health]:
    """How the receivers of several subscriptions have answered of late, those that have answered."""
    docs = reader.find("health", {"_id": {"$in": sorted(subscriptions)}})
    return {doc["_id"]: from_document(Health, doc) for doc in docs}


def save_health(tx: Transaction, subscription: str, health: Health) -> None:
    """Keep how a receiver has answered of late."""
    tx.put("health", to_document(health, _id=subscription))


def find_due(reader: Reader, deliveries: Iterable[Delivery]) -> dict[str, datetime]:
    """When each delivery that waits is tried next, by its id."""
    by_job = domain.by_job(deliveries)
    pending = {"_id": {"$in": list(by_job)}, "state": {"$in": queue.PENDING}}
    rows = reader.find("jobs", pending, fields=["due"])
    return {by_job[row["_id"]]: row["due"] for row in rows}
