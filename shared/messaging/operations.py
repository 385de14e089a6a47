"""What an operator does with deferred events: list them, look at one, have it tried again, drop it."""

from collections.abc import Collection

from shared.core.errors import Conflict, NotFound
from shared.events import Unreadable, decode
from shared.messaging.dead_letters import UNREADABLE
from shared.messaging.deferred import COLLECTION, new_document
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

STATES = ("waiting", "retry", "dead")


def find_all(reader: Reader, states: Collection[str], limit: int = 0, after: str = "") -> list[Doc]:
    """The deferred events in one of these states by id, which is by age; one more than `limit`, where that is not 0."""
    where = {"state": {"$in": sorted(states)}, "_id": {"$gt": after}}
    return reader.find(COLLECTION, where, [("_id", 1)], limit and limit + 1)


def find(reader: Reader, id: str) -> Doc:
    """One deferred event; NotFound when it is none, or none any more."""
    doc = reader.get(COLLECTION, id)
    if doc is None:
        raise NotFound(f"No deferred event is called {id}: it was handled or dropped, or never deferred.")
    return doc


def is_readable(doc: Doc) -> bool:
    """Whether this version can read the bytes of a deferred event, so that it may be tried again."""
    try:
        decode(bytes(doc["body"]))
    except Unreadable:
        return False
    return True


def retry(tx: Transaction, id: str) -> None:
    """Make a deferred event due at once, with all its attempts before it; bytes that can be read by now become one.

    Raises NotFound, and Conflict for bytes that cannot be read.
    """
    doc = find(tx, id)
    try:
        envelope = decode(bytes(doc["body"]))
    except Unreadable as problem:
        raise Conflict(
            f"{id} cannot be read ({problem}), so it cannot be tried again; it can only be dropped."
        ) from problem
    if id != envelope.id:
        tx.delete(COLLECTION, id)
        doc = tx.get(COLLECTION, envelope.id) or new_document(envelope, bytes(doc["body"]), tx.now)
    fields = {"state": "retry", "attempts": 0, "unfinished_attempts": 1, "next_at": tx.now, "waits_for": None}
    tx.put(COLLECTION, {**doc, **fields})
    tx.audit(envelope.subject, "deferred.retried", event=envelope.id)


def drop(tx: Transaction, id: str, reason: str) -> None:
    """Forget a deferred event, in writing; it will not be handled if it comes again. Raises NotFound."""
    doc = find(tx, id)
    tx.delete(COLLECTION, id)
    if doc["type"] != UNREADABLE:
        tx.insert(
            "inbox", {"_id": id, "type": doc["type"], "at": tx.now, "outcome": "dropped", "note": reason}
        )
    tx.audit(doc["subject"] or id, "deferred.dropped", event=id, reason=reason)
