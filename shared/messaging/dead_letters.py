"""Dead-lettering: what cannot be handled here stays as a dead event, where an operator finds it."""

from hashlib import sha256
from typing import Any

from bson import Binary

from shared.core import telemetry
from shared.core.ids import utcnow
from shared.events import Unreadable, decode
from shared.messaging.deferred import COLLECTION, error_text, new_document
from shared.storage.mongo import Store
from shared.storage.reader import Doc

UNREADABLE = "unreadable"
KEPT_BYTES = 8 * 1024 * 1024

log = telemetry.logger(__name__)


def dead_letter(store: Store, body: bytes, reason: str) -> None:
    """Keep a message that is not handled here as a dead event; the same bytes make one document.

    An event that can be read may be tried again later; one that was handled already is left alone.
    """
    log.error("message dead-lettered", extra={"reason": reason, "size": len(body)})
    try:
        envelope = decode(body)
    except Unreadable:
        _insert(store, _unreadable(body), reason)
        return
    if not store.db["inbox"].find_one({"_id": envelope.id}):
        _insert(store, new_document(envelope, body, utcnow()), reason)


def mark_dead(store: Store, doc: Doc, reason: str) -> None:
    """Try a deferred event no more until an operator says so."""
    log.error("deferred event is dead", extra={"event": doc["_id"], "type": doc["type"], "reason": reason})
    store.db[COLLECTION].update_one(
        {"_id": doc["_id"], "rev": doc["rev"]},
        {"$set": {"state": "dead", "error": reason, "next_at": None}, "$inc": {"rev": 1}},
    )


def _unreadable(body: bytes) -> Doc:
    return {
        "_id": f"bytes:{sha256(body).hexdigest()}",
        "type": UNREADABLE,
        "subject": "",
        "correlation": "",
        "deferred_at": utcnow(),
        "attempts": 0,
        "waits_for": None,
        "next_at": None,
        "size": len(body),
        "body": Binary(body[:KEPT_BYTES]),
    }


def _insert(store: Store, doc: Doc, reason: str) -> None:
    dead: dict[str, Any] = {**doc, "state": "dead", "error": error_text(reason), "rev": 1}
    store.db[COLLECTION].update_one({"_id": doc["_id"]}, {"$setOnInsert": dead}, upsert=True)
