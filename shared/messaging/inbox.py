"""Handling events in batches: each takes effect exactly once, waits for what it needs, or is kept with its reason."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pymongo.errors import ConnectionFailure, PyMongoError

from shared.core import telemetry, tracing
from shared.core.ids import utcnow
from shared.core.people import system
from shared.messaging.deferred import COLLECTION, IncomingEvent, MissingDependency, error_text, record_failure
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
    """A newer event came before: nothing is to be done."""


def check_sequence(tx: Transaction, copy: Doc | None) -> int:
    """The sequence of the event in hand, to be kept in a copy; Superseded when the copy rests on a newer one."""
    if copy and copy["sequence"] >= tx.sequence:
        raise Superseded(f"event {tx.sequence} came after event {copy['sequence']}")
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
    events: Sequence[IncomingEvent]
    failed: dict[str, Exception] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)


class _RerunBatch(Exception):
    """A handler failed after some of its writes had been sent: the batch runs again without it."""


def handle(
    store: Store,
    handlers: Handlers,
    events: Sequence[IncomingEvent],
    heartbeat: Callable[[], None] = lambda: None,
) -> dict[str, str]:
    """Handle a batch in one transaction; gives done, duplicate, superseded, waiting, retry or dead by event id.

    `heartbeat` is called before each try.
    Raises PyMongoError when the database does not answer: nothing is lost then, the batch may be handed in again.
    """
    batch = _Batch(handlers, events)
    while True:
        heartbeat()
        try:
            context = Context(store.service, utcnow(), system(store.service), correlation="")
            store.transact(lambda tx: _handle_all(tx, batch), context)
            return batch.outcomes
        except _RerunBatch:
            continue
        except Exception as problem:
            if _is_outage(store, problem):
                raise
            if len(events) > 1:
                middle = len(events) // 2
                first = handle(store, handlers, events[:middle], heartbeat)
                return first | handle(store, handlers, events[middle:], heartbeat)
            if batch.failed:
                raise
            batch.failed[events[0].envelope.id] = problem


def _is_outage(store: Store, problem: Exception) -> bool:
    """Whether the database is away for everybody: a time-out while it answers others is this batch's own."""
    if not is_unavailable(problem):
        return False
    if isinstance(problem, ConnectionFailure):
        return True
    try:
        store.ping()
    except PyMongoError:
        return True
    return False


def _handle_all(tx: Transaction, batch: _Batch) -> None:
    batch.outcomes.clear()
    ids = [event.envelope.id for event in batch.events]
    tx.load("inbox", ids)
    tx.load(COLLECTION, ids)
    _prefetch(tx, batch)
    frame = tx.context
    for event in batch.events:
        if event.envelope.id not in batch.outcomes:
            batch.outcomes[event.envelope.id] = _handle_in_context(tx, event, batch, frame)


def _handle_in_context(tx: Transaction, event: IncomingEvent, batch: _Batch, frame: Context) -> str:
    envelope = event.envelope
    with (
        tracing.span(f"consume {envelope.type}", envelope.trace, tracing.CONSUMER) as trace,
        telemetry.about(envelope.correlation, trace),
    ):
        tx.context = replace(
            frame,
            correlation=envelope.correlation,
            causation=envelope.id,
            trace=trace,
            sequence=envelope.sequence,
            event_time=envelope.time,
        )
        return _handle_event(tx, event, batch)


def _prefetch(tx: Transaction, batch: _Batch) -> None:
    wanted: dict[str, list[str]] = {}
    for event in batch.events:
        for collection, id in _touched(event, batch):
            wanted.setdefault(collection, []).append(id)
    for collection, ids in wanted.items():
        tx.load(collection, ids)


def _touched(event: IncomingEvent, batch: _Batch) -> list[tuple[str, str]]:
    try:
        return list(batch.handlers[type(event.envelope.event)].touches(event.envelope.event))
    except Exception as problem:
        batch.failed[event.envelope.id] = problem
        return []


def _handle_event(tx: Transaction, event: IncomingEvent, batch: _Batch) -> str:
    envelope = event.envelope
    deferred = tx.get(COLLECTION, envelope.id)
    if _remove_if_handled(tx, event) or _changed_since_read(event, deferred):
        return "duplicate"
    if envelope.id in batch.failed:
        return _record_problem(tx, event, deferred, batch.failed[envelope.id])
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
                problem.arrived_meanwhile = deferred is None
            raise _RerunBatch from problem
        return _record_problem(tx, event, deferred, problem)
    return _record_in_inbox(tx, event, deferred, "done", "")


def _remove_if_handled(tx: Transaction, event: IncomingEvent) -> bool:
    """Take the deferred event away when the event was handled before; gives whether it was."""
    if tx.get("inbox", event.envelope.id) is None:
        return False
    tx.delete(COLLECTION, event.envelope.id)
    return True


def _changed_since_read(event: IncomingEvent, deferred: Doc | None) -> bool:
    """Whether the event was deferred, or tried again, by somebody else since it was read."""
    return (deferred and deferred["rev"]) != (event.deferred and event.deferred["rev"])


def _record_problem(tx: Transaction, event: IncomingEvent, deferred: Doc | None, problem: Exception) -> str:
    if isinstance(problem, Superseded):
        return _record_in_inbox(tx, event, deferred, "superseded", error_text(problem))
    return record_failure(tx, event, deferred, problem)


def _record_in_inbox(
    tx: Transaction, event: IncomingEvent, deferred: Doc | None, outcome: str, note: str
) -> str:
    id, type = event.envelope.id, event.envelope.type
    tx.insert("inbox", {"_id": id, "type": type, "at": tx.now, "outcome": outcome, "note": note})
    if deferred:
        tx.delete(COLLECTION, id)
    return outcome
