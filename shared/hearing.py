"""Hearing facts in batches: each has its effect exactly once, waits for what it needs, or is parked with its reason."""

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bson import Binary
from pymongo.errors import ConnectionFailure, PyMongoError

from shared import telemetry, tracing
from shared.events import Envelope, decode, encode
from shared.ids import utcnow
from shared.mongo import Store
from shared.people import system
from shared.transaction import Context, Transaction
from shared.view import Doc, View

RETRY_SECONDS = (1, 5, 30, 120, 600)
WAIT_SECONDS = 30
ALARM_AFTER = timedelta(minutes=10)

log = telemetry.logger(__name__)


class Stale(Exception):
    """The fact was overtaken by a newer one: nothing is to be done."""


class NotYet(Exception):
    """The fact came before one that it needs: try again when `subject` changes."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"waits for {subject}")
        self.subject = subject


def newest(tx: Transaction, copy: Doc | None) -> int:
    """The sequence of the fact in hand, to be kept as `heard` in a copy; Stale when the copy knows a newer one."""
    if copy and copy["heard"] >= tx.sequence:
        raise Stale(f"fact {tx.sequence} came after fact {copy['heard']}")
    return tx.sequence


@dataclass(frozen=True)
class Hears:
    """How a service handles one type of fact, and which documents that will read, as (collection, id)."""

    handler: Callable[[Transaction, Any], None]
    touches: Callable[[Any], Iterable[tuple[str, str]]] = lambda _: ()


Handlers = Mapping[type, Hears]


@dataclass(frozen=True)
class Heard:
    """An event to be handled, with its row of `waiting` when it has one."""

    envelope: Envelope
    row: Doc | None = None


@dataclass
class _Batch:
    handlers: Handlers
    heard: Sequence[Heard]
    failed: dict[str, Exception] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)


class _Again(Exception):
    """A handler failed after some of its writes had left: the batch runs again without it."""


def handle(store: Store, handlers: Handlers, heard: Sequence[Heard]) -> dict[str, str]:
    """Handle a batch in one transaction; gives done, repeated, stale, waiting, retry or dead by event id.

    Raises PyMongoError when the database is away: nothing is lost then, the batch may be handed in again.
    """
    batch = _Batch(handlers, heard)
    while True:
        try:
            context = Context(store.service, utcnow(), system(store.service), correlation="")
            store.transact(lambda tx: _work(tx, batch), context)
            return batch.outcomes
        except _Again:
            continue
        except ConnectionFailure:
            raise
        except Exception as problem:
            if len(heard) > 1:
                middle = len(heard) // 2
                first = handle(store, handlers, heard[:middle])
                return first | handle(store, handlers, heard[middle:])
            if batch.failed or (isinstance(problem, PyMongoError) and problem.timeout):
                raise
            batch.failed[heard[0].envelope.id] = problem


def _work(tx: Transaction, batch: _Batch) -> None:
    batch.outcomes.clear()
    ids = [one.envelope.id for one in batch.heard]
    tx.load("inbox", ids)
    tx.load("waiting", ids)
    _prefetch(tx, batch)
    frame = tx.context
    for one in batch.heard:
        if one.envelope.id not in batch.outcomes:
            batch.outcomes[one.envelope.id] = _traced(tx, one, batch, frame)


def _traced(tx: Transaction, one: Heard, batch: _Batch, frame: Context) -> str:
    envelope = one.envelope
    with (
        tracing.span(f"hear {envelope.type}", envelope.trace, tracing.CONSUMER) as trace,
        telemetry.about(envelope.correlation, trace),
    ):
        tx.context = replace(
            frame,
            correlation=envelope.correlation,
            causation=envelope.id,
            trace=trace,
            sequence=envelope.sequence,
            told_at=envelope.time,
        )
        return _one(tx, one, batch)


def _prefetch(tx: Transaction, batch: _Batch) -> None:
    wanted: dict[str, list[str]] = {}
    for one in batch.heard:
        hears = batch.handlers[type(one.envelope.fact)]
        for collection, id in hears.touches(one.envelope.fact):
            wanted.setdefault(collection, []).append(id)
    for collection, ids in wanted.items():
        tx.load(collection, ids)


def _one(tx: Transaction, one: Heard, batch: _Batch) -> str:
    envelope = one.envelope
    row = tx.get("waiting", envelope.id)
    if tx.get("inbox", envelope.id) or (row and one.row is None) or (one.row and not row):
        return "repeated"
    if envelope.id in batch.failed:
        return _park(tx, envelope, row, batch.failed[envelope.id])
    mark = tx.savepoint()
    try:
        batch.handlers[type(envelope.fact)].handler(tx, envelope.fact)
        tx.check_audited()
        outcome, note = "done", ""
    except PyMongoError:
        raise
    except Exception as problem:
        if not tx.rollback_to(mark):
            batch.failed[envelope.id] = problem
            raise _Again from problem
        if not isinstance(problem, Stale):
            return _park(tx, envelope, row, problem)
        outcome, note = "stale", str(problem)
    tx.insert(
        "inbox", {"_id": envelope.id, "type": envelope.type, "at": tx.now, "outcome": outcome, "note": note}
    )
    if row:
        tx.delete("waiting", envelope.id)
    return outcome


def _park(tx: Transaction, envelope: Envelope, row: Doc | None, problem: Exception) -> str:
    row = row or {
        "_id": envelope.id,
        "type": envelope.type,
        "subject": envelope.subject,
        "correlation": envelope.correlation,
        "first_at": tx.now,
        "tries": 0,
        "body": Binary(encode(envelope)),
    }
    if isinstance(problem, NotYet):
        fields = _waiting(tx, problem)
    elif isinstance(problem, Stale):
        tx.insert("inbox", {"_id": envelope.id, "type": envelope.type, "at": tx.now, "outcome": "stale"})
        tx.delete("waiting", envelope.id)
        return "stale"
    else:
        fields = _failing(tx, row, problem)
    tx.put("waiting", {**row, **fields})
    return str(fields["state"])


def _waiting(tx: Transaction, problem: NotYet) -> Doc:
    head = tx.get("heads", problem.subject)
    return {
        "state": "waiting",
        "waits_for": problem.subject,
        "seen_rev": head["rev"] if head else 0,
        "error": str(problem),
        "next_at": tx.now + timedelta(seconds=WAIT_SECONDS),
    }


def _failing(tx: Transaction, row: Doc, problem: Exception) -> Doc:
    tries = row["tries"] + 1
    dead = tries > len(RETRY_SECONDS)
    log.error(
        "handler failed", extra={"event": row["_id"], "type": row["type"], "tries": tries, "dead": dead}
    )
    return {
        "state": "dead" if dead else "retry",
        "waits_for": None,
        "tries": tries,
        "error": f"{type(problem).__name__}: {problem}",
        "trace": "".join(traceback.format_exception(problem))[-8000:],
        "next_at": None if dead else tx.now + timedelta(seconds=RETRY_SECONDS[tries - 1]),
    }


def due(view: View, limit: int = 64) -> list[Heard]:
    """The rows of `waiting` whose time has come, or whose subject changed since they were put aside."""
    rows = view.find(
        "waiting",
        {"state": {"$in": ["retry", "waiting"]}, "next_at": {"$lte": view.now}},
        [("next_at", 1)],
        limit,
    )
    early = view.find(
        "waiting", {"state": "waiting", "next_at": {"$gt": view.now}}, [("first_at", 1)], 4 * limit
    )
    wanted = {row["waits_for"] for row in early}
    revs = (
        {head["_id"]: head["rev"] for head in view.find("heads", {"_id": {"$in": sorted(wanted)}})}
        if wanted
        else {}
    )
    rows += [row for row in early if revs.get(row["waits_for"], 0) != row["seen_rev"]]
    for row in rows:
        if view.now - row["first_at"] > ALARM_AFTER:
            log.warning("a fact waits too long", extra={"event": row["_id"], "for": row["waits_for"]})
    return [Heard(decode(bytes(row["body"])), row) for row in rows[:limit]]


def record_unreadable(store: Store, key: str, body: bytes, reason: str) -> None:
    """Keep bytes that can never be handled as a dead row, where a person finds them; the same bytes make one row."""
    now = utcnow()
    row = {
        "_id": key,
        "type": "unreadable",
        "subject": "",
        "correlation": "",
        "first_at": now,
        "tries": 0,
        "body": Binary(body),
        "state": "dead",
        "waits_for": None,
        "error": reason,
        "next_at": None,
        "rev": 1,
    }
    store.db["waiting"].update_one({"_id": key}, {"$setOnInsert": row}, upsert=True)
