"""Handling events in batches: each takes effect exactly once, waits for what it needs, or is kept with its reason."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pymongo.errors import ConnectionFailure, PyMongoError

from shared.core import telemetry, tracing
from shared.core.ids import utcnow
from shared.core.people import system
from shared.messaging.deferred import IncomingEvent, MissingDependency, park, words
from shared.storage.mongo import Store, is_unavailable
from shared.storage.reader import Doc
from shared.storage.transaction import Context, Transaction

__all__ = [
    "Handler",
    "Handlers",
    "IncomingEvent",
    "MissingDependency",
    "Superseded",
    "check_sequence",
    "handle",
]


class Superseded(Exception):
    """The event was overtaken by a newer one: nothing is to be done."""


def check_sequence(tx: Transaction, copy: Doc | None) -> int:
    """The sequence of the event in hand, to be kept in a copy; Superseded when the copy knows a newer one."""
    if copy and copy["heard"] >= tx.sequence:
        raise Superseded(f"event {tx.sequence} came after event {copy['heard']}")
    return tx.sequence


@dataclass(frozen=True)
class Handler:
    """How a service handles one type of event, and which documents that will read, as (collection, id)."""

    handler: Callable[[Transaction, Any], None]
    touches: Callable[[Any], Iterable[tuple[str, str]]] = lambda _: ()


Handlers = Mapping[type, Handler]


@dataclass
class _Batch:
    handlers: Handlers
    heard: Sequence[IncomingEvent]
    failed: dict[str, Exception] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)


class _Again(Exception):
    """A handler failed after some of its writes had left: the batch runs again without it."""


def handle(
    store: Store, handlers: Handlers, heard: Sequence[IncomingEvent], beat: Callable[[], None] = lambda: None
) -> dict[str, str]:
    """Handle a batch in one transaction; gives done, repeated, stale, waiting, retry or dead by event id.

    `beat` is called before each try.
    Raises PyMongoError when the database is away: nothing is lost then, the batch may be handed in again.
    """
    batch = _Batch(handlers, heard)
    while True:
        beat()
        try:
            context = Context(store.service, utcnow(), system(store.service), correlation="")
            store.transact(lambda tx: _work(tx, batch), context)
            return batch.outcomes
        except _Again:
            continue
        except Exception as problem:
            if _gone(store, problem):
                raise
            if len(heard) > 1:
                middle = len(heard) // 2
                first = handle(store, handlers, heard[:middle], beat)
                return first | handle(store, handlers, heard[middle:], beat)
            if batch.failed:
                raise
            batch.failed[heard[0].envelope.id] = problem


def _gone(store: Store, problem: Exception) -> bool:
    """Whether the database is away for everybody: a time-out while it answers others is this batch's own."""
    if not is_unavailable(problem) or isinstance(problem, ConnectionFailure):
        return is_unavailable(problem)
    try:
        store.ping()
    except PyMongoError:
        return True
    return False


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


def _traced(tx: Transaction, one: IncomingEvent, batch: _Batch, frame: Context) -> str:
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
        for collection, id in _touched(one, batch):
            wanted.setdefault(collection, []).append(id)
    for collection, ids in wanted.items():
        tx.load(collection, ids)


def _touched(one: IncomingEvent, batch: _Batch) -> list[tuple[str, str]]:
    try:
        return list(batch.handlers[type(one.envelope.event)].touches(one.envelope.event))
    except Exception as problem:
        batch.failed[one.envelope.id] = problem
        return []


def _one(tx: Transaction, one: IncomingEvent, batch: _Batch) -> str:
    envelope = one.envelope
    row = tx.get("waiting", envelope.id)
    if _repeated(tx, one, row):
        return "repeated"
    if envelope.id in batch.failed:
        return _ended(tx, one, row, batch.failed[envelope.id])
    mark = tx.savepoint()
    try:
        batch.handlers[type(envelope.event)].handler(tx, envelope.event)
        tx.check_audited()
    except PyMongoError:
        raise
    except Exception as problem:
        if not tx.rollback_to(mark):
            batch.failed[envelope.id] = problem
            if isinstance(problem, MissingDependency):
                problem.overtaken = row is None
            raise _Again from problem
        return _ended(tx, one, row, problem)
    return _remember(tx, one, row, "done", "")


def _repeated(tx: Transaction, one: IncomingEvent, row: Doc | None) -> bool:
    """Whether it was handled or put aside before, or by somebody else since its row was read."""
    if tx.get("inbox", one.envelope.id):
        tx.delete("waiting", one.envelope.id)
        return True
    return (row and row["rev"]) != (one.row and one.row["rev"])


def _ended(tx: Transaction, one: IncomingEvent, row: Doc | None, problem: Exception) -> str:
    if isinstance(problem, Superseded):
        return _remember(tx, one, row, "stale", words(problem))
    return park(tx, one, row, problem)


def _remember(tx: Transaction, one: IncomingEvent, row: Doc | None, outcome: str, note: str) -> str:
    id, type = one.envelope.id, one.envelope.type
    tx.insert("inbox", {"_id": id, "type": type, "at": tx.now, "outcome": outcome, "note": note})
    if row:
        tx.delete("waiting", id)
    return outcome
