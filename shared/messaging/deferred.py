"""Deferred events: what came too early, failed or was dead-lettered stays here until it is handled or dropped."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import Binary
from pymongo import UpdateOne

from shared.core import telemetry
from shared.core.ids import utcnow
from shared.events import Envelope, encode
from shared.storage.mongo import Store
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction

DEFERRED_EVENTS = "deferred_events"
RETRY_SECONDS = (1, 5, 30, 120, 600)
WAIT_SECONDS = 30
NEVER_SEEN = -1
ERROR_LENGTH, TRACEBACK_LENGTH = 2000, 8000

log = telemetry.logger(__name__)


class MissingDependency(Exception):
    """The event came before one that it needs: try again when `subject` changes.

    `arrived_meanwhile`, where that may have happened between the moment of this being raised and its being recorded.
    """

    arrived_meanwhile = False

    def __init__(self, subject: str) -> None:
        super().__init__(f"waits for {subject}")
        self.subject = subject


@dataclass(frozen=True)
class IncomingEvent:
    """An event to be handled, with its bytes as they came, and its document when it was deferred before.

    `rebuilding` names the rebuilding of a replica for which it came, perhaps once more.
    """

    envelope: Envelope
    deferred: Doc | None = None
    body: bytes | None = None
    rebuilding: str = ""


def error_text(problem: object, longest: int = ERROR_LENGTH) -> str:
    """What is said of a problem, in a form that the database can always keep."""
    return str(problem)[:longest].encode("utf-8", "backslashreplace").decode()


def new_document(envelope: Envelope, body: bytes, now: datetime) -> Doc:
    """The document of an event that was never deferred before; its bytes are kept as they came, unknown fields too."""
    return {
        "_id": envelope.key,
        "type": envelope.type,
        "subject": envelope.subject,
        "correlation": envelope.correlation,
        "deferred_at": now,
        "attempts": 0,
        "unfinished_attempts": 0,
        "attempt_started_at": None,
        "waits_for": None,
        "next_at": None,
        "body": Binary(body),
    }


def record_failure(tx: Transaction, event: IncomingEvent, doc: Doc | None, problem: Exception) -> str:
    """Defer an event within the batch's transaction, for what its handler raised; gives waiting, retry or dead."""
    doc = doc or new_document(event.envelope, event.body or encode(event.envelope), tx.now)
    doc = {**doc, "rebuilding": event.rebuilding}
    fields = _waiting(tx, problem) if isinstance(problem, MissingDependency) else _failed(tx, doc, problem)
    tx.put(DEFERRED_EVENTS, {**doc, "unfinished_attempts": 0, "attempt_started_at": None, **fields})
    return str(fields["state"])


def _waiting(tx: Transaction, problem: MissingDependency) -> Doc:
    return {
        "state": "waiting",
        "waits_for": problem.subject,
        # Not what this batch makes of the head: a later event of the same batch may be the one that is waited for.
        "seen_rev": NEVER_SEEN if problem.arrived_meanwhile else tx.stored_rev("heads", problem.subject),
        "error": error_text(problem),
        "next_at": tx.now + timedelta(seconds=WAIT_SECONDS),
    }


def _failed(tx: Transaction, doc: Doc, problem: Exception) -> Doc:
    attempts = doc["attempts"] + 1
    dead = attempts > len(RETRY_SECONDS)
    log.error(
        "handler failed", extra={"event": doc["_id"], "type": doc["type"], "attempts": attempts, "dead": dead}
    )
    trace = "".join(traceback.format_exception(problem))[-TRACEBACK_LENGTH:]
    return {
        "state": "dead" if dead else "retry",
        "waits_for": None,
        "attempts": attempts,
        "error": error_text(f"{type(problem).__name__}: {error_text(problem)}"),
        "trace": error_text(trace, TRACEBACK_LENGTH),
        "next_at": None if dead else tx.now + timedelta(seconds=RETRY_SECONDS[attempts - 1]),
    }


def defer(store: Store, events: Sequence[IncomingEvent], reason: str) -> None:
    """Take events out of the queue that may have ended the process, to be tried one by one from here on."""
    docs = [new_document(event.envelope, event.body or encode(event.envelope), utcnow()) for event in events]
    retry = {"state": "retry", "error": reason, "next_at": utcnow(), "unfinished_attempts": 1, "rev": 1}
    store.db[DEFERRED_EVENTS].bulk_write(
        [UpdateOne({"_id": doc["_id"]}, {"$setOnInsert": {**doc, **retry}}, upsert=True) for doc in docs]
    )
