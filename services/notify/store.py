"""What notify keeps, and in which shape."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bson import Binary
from pymongo import IndexModel

from services.notify.domain import JOB, Answer, Attempt, Delivery, Health, Secret, Subscription, scopes
from shared.core.people import Grant
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "subscriptions": (
        IndexModel([("owner", 1), ("name", 1)], unique=True, partialFilterExpression={"open": True}),
    ),
    "rosters": (),
    "streams": (),
    "entries": (IndexModel([("stream", 1), ("sequence", 1)], unique=True),),
    "deliveries": (
        IndexModel([("subscription", 1), ("sequence", -1)]),
        IndexModel([("subscription", 1), ("state", 1), ("sequence", -1)]),
    ),
    "attempts": (IndexModel([("delivery", 1), ("number", -1)], unique=True),),
    "health": (),
    "agencies": (),
}

# subscriptions


def subscription(reader: Reader, id: str) -> Subscription | None:
    """One subscription, or None."""
    doc = reader.get("subscriptions", id)
    return _subscription(doc) if doc else None


def subscriptions(reader: Reader, where: Doc, after: str | None, limit: int) -> list[Subscription]:
    """The subscriptions that match, in the order in which they were made."""
    where = {**where, "_id": {"$gt": after}} if after else where
    return [_subscription(doc) for doc in reader.find("subscriptions", where, [("_id", 1)], limit)]


def open_names(reader: Reader, owner: str | None) -> list[str]:
    """The names of an owner's subscriptions that are not closed."""
    return [doc["name"] for doc in reader.find("subscriptions", {"owner": owner, "open": True})]


def save(tx: Transaction, one: Subscription) -> None:
    """Keep a subscription, and whether events of its scope have to look for it."""
    doc = asdict(one)
    doc["_id"] = doc.pop("id")
    doc.pop("rev")
    tx.put("subscriptions", {**doc, "open": one.state != "closed"})
    roster = tx.get("rosters", one.scope) or {"_id": one.scope, "subscriptions": []}
    listed = [id for id in roster["subscriptions"] if id != one.id]
    if one.state != "closed":
        listed = sorted([*listed, one.id])
    if listed != roster["subscriptions"]:
        tx.put("rosters", {**roster, "subscriptions": listed})


def listening(tx: Transaction, scopes: Iterable[str] | None) -> list[Subscription]:
    """The subscriptions of these scopes that are not closed; of every scope when None."""
    if scopes is None:
        rosters: list[Doc | None] = list(tx.find("rosters", {}, [("_id", 1)]))
    else:
        rosters = [tx.get("rosters", scope) for scope in scopes]
    ids = [id for roster in rosters if roster for id in roster["subscriptions"]]
    tx.load("subscriptions", ids)
    tx.load("streams", ids)
    tx.load("heads", [f"subscription:{id}" for id in ids])
    return [one for id in ids if (one := subscription(tx, id))]


def _subscription(doc: Doc) -> Subscription:
    return Subscription(
        id=doc["_id"],
        name=doc["name"],
        url=doc["url"],
        scope=doc["scope"],
        types=tuple(doc["types"]),
        owner=doc["owner"],
        created_at=doc["created_at"],
        secrets=tuple(Secret(**one) for one in doc["secrets"]),
        state=doc["state"],
        reason=doc["reason"],
        rev=doc["rev"],
    )


# copies of other services' events


def agency_known(reader: Reader, id: str) -> bool:
    """Whether an agency of that id was heard of."""
    return reader.get("agencies", id) is not None


def heard(reader: Reader, collection: str, id: str) -> int:
    """The sequence of the newest event that a copy stands for; 0 when there is no copy."""
    copy = reader.get(collection, id)
    return copy["heard"] if copy else 0


def keep_agency(tx: Transaction, id: str, name: str) -> None:
    """Keep that there is such an agency."""
    tx.put("agencies", {"_id": id, "name": name, "heard": tx.sequence})


def grants(reader: Reader, person: str) -> list[Grant]:
    """What a person or machine client may do at this moment."""
    doc = reader.get("people", person)
    return [
        Grant(one["role"], one["agency"])
        for one in (doc["grants"] if doc else ())
        if one["since"] <= reader.now and (one["until"] is None or reader.now < one["until"])
    ]


def entitled(reader: Reader, one: Subscription) -> bool:
    """Whether the owner of a subscription may see its scope at this moment; the ministry's own may always be seen."""
    return one.owner is None or one.scope in scopes(grants(reader, one.owner))


# streams


def next_sequence(tx: Transaction, stream: str) -> int:
    """The next number of a stream, drawn in this transaction; its document leaves once per batch."""
    doc = tx.get("streams", stream) or {"_id": stream, "sequence": 0}
    tx.put("streams", {**doc, "sequence": doc["sequence"] + 1})
    return int(doc["sequence"]) + 1


def add_entry(tx: Transaction, stream: str, sequence: int, event: str, body: bytes) -> None:
    """Add a row to a stream; its bytes never change."""
    row = {"stream": stream, "sequence": sequence, "event": event, "at": tx.now, "body": Binary(body)}
    tx.append("entries", {"_id": f"{stream}.{sequence}", **row})


def bodies(reader: Reader, stream: str, after: int, limit: int) -> list[tuple[int, bytes]]:
    """The frozen bodies of a stream after a number, each with its own."""
    where = {"stream": stream, "sequence": {"$gt": after}}
    docs = reader.find("entries", where, [("sequence", 1)], limit, ["sequence", "body"])
    return [(doc["sequence"], bytes(doc["body"])) for doc in docs]


def body(reader: Reader, id: str) -> bytes:
    """The frozen body of one delivery."""
    doc = reader.get("entries", id)
    assert doc is not None
    return bytes(doc["body"])


# deliveries


def delivery(reader: Reader, id: str) -> Delivery | None:
    """One delivery, or None."""
    doc = reader.get("deliveries", id)
    return _delivery(doc) if doc else None


def delivery_and_subscription(reader: Reader, id: str) -> tuple[Delivery | None, Subscription | None]:
    """One delivery with its subscription; None for what there is not."""
    one = delivery(reader, id)
    return one, subscription(reader, one.subscription) if one else None


def deliveries(
    reader: Reader, subscription: str, state: str | None, before: int | None, limit: int
) -> list[Delivery]:
    """A subscription's deliveries, the latest first: in one state or in all, those before a sequence number."""
    where: Doc = {"subscription": subscription}
    if state:
        where["state"] = state
    if before is not None:
        where["sequence"] = {"$lt": before}
    return [_delivery(doc) for doc in reader.find("deliveries", where, [("sequence", -1)], limit)]


def save_delivery(tx: Transaction, one: Delivery) -> None:
    """Keep a delivery that is known already."""
    tx.put("deliveries", _delivery_doc(one))


def add_delivery(tx: Transaction, one: Delivery) -> None:
    """Keep a new delivery."""
    tx.insert("deliveries", _delivery_doc(one))


def add_attempt(tx: Transaction, one: Attempt) -> None:
    """Add an attempt, for ever."""
    answer = asdict(one.answer)
    answer["rest"] = one.answer.rest.total_seconds()
    row = {"delivery": one.delivery, "number": one.number, "at": one.at, "answer": answer}
    tx.append("attempts", {"_id": f"{one.delivery}.{one.number}", **row})


def attempts(reader: Reader, delivery: str, limit: int) -> list[Attempt]:
    """The attempts of a delivery, the latest first."""
    docs = reader.find("attempts", {"delivery": delivery}, [("number", -1)], limit)
    return [Attempt(doc["delivery"], doc["number"], doc["at"], _answer(doc["answer"])) for doc in docs]


def health(reader: Reader, subscription: str) -> Health:
    """How a receiver has answered of late."""
    doc = reader.get("health", subscription)
    return Health(doc["failing_since"], doc["rests_until"]) if doc else Health()


def save_health(tx: Transaction, subscription: str, one: Health) -> None:
    """Keep how a receiver has answered of late."""
    tx.put("health", {"_id": subscription, **asdict(one)})


def due(reader: Reader, deliveries: Iterable[Delivery]) -> dict[str, datetime]:
    """When each delivery that waits is tried next, by its id."""
    by_job = {f"{JOB}:{one.job_key}": one.id for one in deliveries if one.state == "waiting"}
    rows = reader.find(
        "jobs", {"_id": {"$in": list(by_job)}, "state": {"$in": ["waiting", "retry"]}}, fields=["due"]
    )
    return {by_job[row["_id"]]: row["due"] for row in rows}


def _delivery_doc(one: Delivery) -> Doc:
    doc = asdict(one)
    return {"_id": doc.pop("id"), **doc}


def _delivery(doc: Mapping[str, Any]) -> Delivery:
    names = {"id": doc["_id"], **{name: doc[name] for name in _DELIVERY}}
    return Delivery(**names)


def _answer(doc: Mapping[str, Any]) -> Answer:
    return Answer(doc["status"], doc["error"], doc["excerpt"], doc["milliseconds"])


_DELIVERY = tuple(name for name in Delivery.__dataclass_fields__ if name != "id")
