"""What an operator does with deferred events: list them, look at one, have it tried again, drop it."""

from collections.abc import Collection
from typing import Any

import msgspec

from shared.core.errors import Conflict, NotFound
from shared.events import Envelope, Unreadable, decode, of_type
from shared.messaging.broker import ReceivedMessage
from shared.messaging.dead_letters import REFUSED, UNREADABLE
from shared.messaging.deferred import DEFERRED_EVENTS, new_document
from shared.messaging.senders import Refused, Users, read
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

STATES = ("waiting", "retry", "dead")
LISTED = (
    *("state", "type", "subject", "correlation", "attempts", "error", "deferred_at", "next_at", "waits_for"),
    *("user", "routing_key", "size", "sha256"),
)
"""What a list shows of each: never the bytes, a hundred of which could be a gigabyte."""


def find_all(reader: Reader, states: Collection[str], limit: int = 0, after: str = "") -> list[Doc]:
    """The deferred events in one of these states by id, which is by age; one more than `limit`, where that is not 0."""
    where = {"state": {"$in": sorted(states)}, "_id": {"$gt": after}}
    return reader.find(DEFERRED_EVENTS, where, [("_id", 1)], limit and limit + 1, LISTED)


def require(reader: Reader, id: str) -> Doc:
    """One deferred event; NotFound when it is none, or none any more."""
    doc = reader.get(DEFERRED_EVENTS, id)
    if doc is None:
        raise NotFound(f"No deferred event is called {id}: it was handled or dropped, or never deferred.")
    return doc


def count(reader: Reader) -> dict[str, int]:
    """How many deferred events there are in each state, zeros included."""
    group = {"_id": "$state", "count": {"$sum": 1}}
    rows = reader.aggregate(DEFERRED_EVENTS, [{"$group": group}])
    return dict.fromkeys(STATES, 0) | {row["_id"]: row["count"] for row in rows}


def contents(doc: Doc) -> dict[str, Any] | None:
    """The fields of a deferred event, as far as a stream of the ministry may carry them; None where none may.

    Of what is no event yet, or is not believed, nothing is shown.
    """
    contract = of_type(doc["type"])
    if contract is None or "ministry" not in contract.feeds:
        return None
    try:
        event = decode(bytes(doc["body"])).event
    except Unreadable:
        return None
    fields: dict[str, Any] = msgspec.to_builtins(event)
    return {name: value for name, value in fields.items() if name not in contract.private}


def is_readable(reader: Reader, id: str, users: Users) -> bool:
    """Whether this version reads and believes a deferred event, so that it may be tried again."""
    try:
        _read(require(reader, id), users)
    except (Unreadable, Refused):
        return False
    return True


def _read(doc: Doc, users: Users) -> Envelope:
    """The event in a document: what is no event yet is believed no sooner than when it came."""
    body = bytes(doc["body"])
    if doc["type"] not in {UNREADABLE, REFUSED}:
        return decode(body)
    user, key, copied = (doc.get(name, "") for name in ("user", "routing_key", "copied_to"))
    return read(ReceivedMessage(body, doc["size"], user, key, copied), users)


def retry(tx: Transaction, id: str, users: Users) -> None:
    """Make a deferred event due at once, with all its attempts before it; bytes that can be read by now become one.

    Raises NotFound, and Conflict for bytes that cannot be read or are not believed.
    """
    doc = require(tx, id)
    try:
        envelope = _read(doc, users)
    except (Unreadable, Refused) as problem:
        raise Conflict(
            f"{id} cannot be tried again, it can only be dropped ({problem}). If a true event is missing, its producer "
            "republishes it.",
            "not-retriable",
        ) from problem
    if id != envelope.key:
        tx.delete(DEFERRED_EVENTS, id)
        doc = tx.get(DEFERRED_EVENTS, envelope.key) or new_document(envelope, bytes(doc["body"]), tx.now)
    fields = {"state": "retry", "attempts": 0, "unfinished_attempts": 1, "next_at": tx.now, "waits_for": None}
    tx.put(DEFERRED_EVENTS, {**doc, **fields})
    tx.audit(envelope.subject, "deferred.retried", event=envelope.id)


def drop(tx: Transaction, id: str, reason: str) -> None:
    """Forget a deferred event, in writing; it will not be handled if it comes again. Raises NotFound."""
    doc = require(tx, id)
    tx.delete(DEFERRED_EVENTS, id)
    if doc["type"] not in {UNREADABLE, REFUSED}:
        tx.insert(
            "inbox", {"_id": id, "type": doc["type"], "at": tx.now, "outcome": "dropped", "note": reason}
        )
    tx.audit(
        id if doc["type"] in {UNREADABLE, REFUSED} else doc["subject"],
        "deferred.dropped",
        event=id,
        reason=reason,
    )
