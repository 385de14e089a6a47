"""Dead-lettering: what cannot be handled here stays as a dead event, where an operator finds it."""

from collections.abc import Sequence

from bson import Binary
from pymongo import UpdateOne

from shared.core import telemetry
from shared.core.ids import utcnow
from shared.events import Envelope, Unreadable
from shared.messaging.broker import EXCERPT_BYTES, ReceivedMessage
from shared.messaging.deferred import DEFERRED_EVENTS, error_text, new_document
from shared.messaging.senders import Refused, Users, read
from shared.storage.mongo import Store
from shared.storage.reader import Doc

UNREADABLE, REFUSED = "unreadable", "refused"
MOST_REFUSED = 10_000
_NAMES = {UNREADABLE: "bytes", REFUSED: "refused"}

log = telemetry.logger(__name__)


def dead_letter(store: Store, message: ReceivedMessage, users: Users, reason: str) -> None:
    """Keep a message that is not handled here as a dead event, which is believed no sooner than any other."""
    try:
        envelope = read(message, users)
    except (Unreadable, Refused) as problem:
        keep(store, [rejected(message, problem)])
    else:
        keep_event(store, envelope, message.body, reason)


def rejected(message: ReceivedMessage, problem: Unreadable | Refused) -> Doc:
    """The dead event that a message becomes which is unreadable or not believed."""
    if isinstance(problem, Refused):
        telemetry.MESSAGES_REFUSED.labels(problem.rule).inc()
        return _dead(_of_message(REFUSED, message, message.body[:EXCERPT_BYTES]), str(problem))
    return _dead(_of_message(UNREADABLE, message, message.body), str(problem))


def keep(store: Store, dead: Sequence[Doc]) -> None:
    """Keep dead events, the same bytes once; beyond MOST_REFUSED, what is not believed is only counted and logged."""
    rows = store.db[DEFERRED_EVENTS]
    if any(doc["type"] == REFUSED for doc in dead):
        many = rows.count_documents({"state": "dead"}, limit=MOST_REFUSED) >= MOST_REFUSED
        dead = [doc for doc in dead if not (many and doc["type"] == REFUSED)]
    if dead:
        rows.bulk_write([UpdateOne({"_id": doc["_id"]}, {"$setOnInsert": doc}, upsert=True) for doc in dead])


def keep_event(store: Store, envelope: Envelope, body: bytes, reason: str) -> None:
    """Keep an event that is not handled here as a dead event; one that was handled already is left alone."""
    if not store.db["inbox"].find_one({"_id": envelope.key}):
        keep(store, [_dead(new_document(envelope, body, utcnow()), reason)])


def mark_dead(store: Store, doc: Doc, reason: str) -> None:
    """Try a deferred event no more until an operator says so."""
    log.error("deferred event is dead", extra={"event": doc["_id"], "type": doc["type"], "reason": reason})
    store.db[DEFERRED_EVENTS].update_one(
        {"_id": doc["_id"], "rev": doc["rev"]},
        {"$set": {"state": "dead", "error": reason, "next_at": None}, "$inc": {"rev": 1}},
    )


def _of_message(kind: str, message: ReceivedMessage, body: bytes) -> Doc:
    """A message that is no event: under a name of its own, since the id that it gives itself may be a true event's."""
    return {
        "_id": f"{_NAMES[kind]}:{message.sha256}",
        "type": kind,
        "subject": message.routing_key,
        "correlation": "",
        "deferred_at": utcnow(),
        "attempts": 0,
        "waits_for": None,
        "next_at": None,
        "sha256": message.sha256,
        "size": message.size,
        "user": message.user,
        "routing_key": message.routing_key,
        "copied_to": message.copied_to,
        "body": Binary(body),
    }


def _dead(doc: Doc, reason: str) -> Doc:
    extra = {"reason": reason, "size": len(doc["body"]), "user": doc.get("user")}
    log.error("message dead-lettered", extra=extra)
    return {**doc, "state": "dead", "error": error_text(reason), "rev": 1}
