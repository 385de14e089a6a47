"""Handling events in batches: each takes effect exactly once, waits for what it needs, or is kept with its reason."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pymongo.errors import ConnectionFailure, PyMongoError

from shared.core import telemetry, tracing
from shared.core.ids import utcnow
from shared.core.people import system
from shared.events import contract_of
from shared.messaging.deferred import (
    DEFERRED_EVENTS,
    IncomingEvent,
    MissingDependency,
    error_text,
    record_failure,
)
from shared.storage.mongo import Store, is_unavailable
from shared.storage.reader import Doc
from shared.storage.transaction import Context, Transaction

__all__ = [
    "Handler",
    "Handlers",
    "IncomingEvent",
    "MissingDependency",
    "Superseded",
    "handle",
    "stamp",
]


class Superseded(Exception):
    """A newer event came before: nothing is to be done."""


def stamp(tx: Transaction, copy: Doc | None) -> Doc:
    """What a copy keeps of the event in hand beside its content; Superseded when the copy rests on a newer one.

    While replicas are rebuilt, what a copy rested on before counts for nothing.
    """
    rebuilding = tx.context.rebuilding or (copy or {}).get("rebuilding", "")
    if copy and copy.get("rebuilding", "") == rebuilding and copy["sequence"] >= tx.sequence:
        raise Superseded(f"event {tx.sequence} came after event {copy['sequence']}")
    origin = {"producer": tx.context.producer, "rebuilding": rebuilding}
    return {"sequence": tx.sequence, "replicated_at": tx.now, **origin}


@dataclass(frozen=True)
class Handler:
    """How a service handles one type of event, and which documents that reads by id, as (collection, id).

    A batch fetches what its handlers read in one query per collection; what is not named here costs a query of its own.
    `replica` is the collection in which it only keeps what it was told: then an event that was handled before is
    handled again while the replica is rebuilt.
    """

    handler: Callable[[Transaction, Any], None]
    reads: Callable[[Any], Iterable[tuple[str, str]]] = lambda _: ()
    replica: str = ""


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
    """Handle a batch in one transaction; gives done, duplicate, superseded, waiting, retry or dead by the event's key.

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
            batch.failed[events[0].envelope.key] = problem


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
    keys = [event.envelope.key for event in batch.events]
    tx.load("inbox", keys)
    tx.load(DEFERRED_EVENTS, keys)
    _prefetch(tx, batch)
    frame = tx.context
    for event in batch.events:
        if event.envelope.key not in batch.outcomes:
            batch.outcomes[event.envelope.key] = _handle_in_context(tx, event, batch, frame)


def _handle_in_context(tx: Transaction, event: IncomingEvent, batch: _Batch, frame: Context) -> str:
    envelope = event.envelope
    with (
        tracing.span(
            f"consume {envelope.type}", envelope.trace, tracing.CONSUMER, _attributes(event)
        ) as trace,
        telemetry.about(envelope.correlation, trace),
    ):
        tx.context = replace(
            frame,
            correlation=envelope.correlation,
            causation=envelope.id,
            trace=trace,
            sequence=envelope.sequence,
            event_time=envelope.time,
            producer=contract_of(envelope.event).producer,
            rebuilding=event.rebuilding if batch.handlers[type(envelope.event)].replica else "",
            again=tx.get("inbox", envelope.key) is not None,
        )
        outcome = _handle_event(tx, event, batch)
        tracing.note({"nilai.outcome": outcome})
        return outcome


def _attributes(event: IncomingEvent) -> tracing.Attributes | None:
    """What is said of a message where somebody collects it."""
    if not tracing.is_on():
        return None
    envelope = event.envelope
    return tracing.message("consume", envelope.type, envelope.id, event.body, envelope.correlation)


def _prefetch(tx: Transaction, batch: _Batch) -> None:
    wanted: dict[str, list[str]] = {}
    for event in batch.events:
        for collection, id in _documents_read(event, batch):
            wanted.setdefault(collection, []).append(id)
    for collection, ids in wanted.items():
        tx.load(collection, ids)


def _documents_read(event: IncomingEvent, batch: _Batch) -> list[tuple[str, str]]:
    try:
        return list(batch.handlers[type(event.envelope.event)].reads(event.envelope.event))
    except Exception as problem:
        batch.failed[event.envelope.key] = problem
        return []


def _handle_event(tx: Transaction, event: IncomingEvent, batch: _Batch) -> str:
    envelope = event.envelope
    deferred = tx.get(DEFERRED_EVENTS, envelope.key)
    if not tx.context.rebuilding and (_remove_if_handled(tx, event) or _changed_since_read(event, deferred)):
        return "duplicate"
    if envelope.key in batch.failed:
        return _record_problem(tx, event, deferred, batch.failed[envelope.key])
    mark = tx.savepoint()
    try:
        batch.handlers[type(envelope.event)].handler(tx, envelope.event)
        tx.check_audited()
    except PyMongoError:
        raise
    except Exception as problem:
        if not tx.rollback_to(mark):
            batch.failed[envelope.key] = problem
            if isinstance(problem, MissingDependency):
                problem.arrived_meanwhile = deferred is None
            raise _RerunBatch from problem
        return _record_problem(tx, event, deferred, problem)
    return _record_in_inbox(tx, event, deferred, "done", "")


def _remove_if_handled(tx: Transaction, event: IncomingEvent) -> bool:
    """Take the deferred event away when the event was handled before; gives whether it was."""
    if tx.get("inbox", event.envelope.key) is None:
        return False
    tx.delete(DEFERRED_EVENTS, event.envelope.key)
    return True


def _changed_since_read(event: IncomingEvent, deferred: Doc | None) -> bool:
    """Whether the event was deferred, or tried again, by somebody else since it was read."""
    return (deferred and deferred["rev"]) != (event.deferred and event.deferred["rev"])


def _record_problem(tx: Transaction, event: IncomingEvent, deferred: Doc | None, problem: Exception) -> str:
    if isinstance(problem, Superseded):
        return _record_in_inbox(tx, event, deferred, "superseded", error_text(problem))
    if not isinstance(problem, MissingDependency):
        tracing.note({}, type(problem).__name__)
    return record_failure(tx, event, deferred, problem)


def _record_in_inbox(
    tx: Transaction, event: IncomingEvent, deferred: Doc | None, outcome: str, note: str
) -> str:
    key, type = event.envelope.key, event.envelope.type
    if not tx.context.again:
        tx.insert("inbox", {"_id": key, "type": type, "at": tx.now, "outcome": outcome, "note": note})
    if deferred:
        tx.delete(DEFERRED_EVENTS, key)
    return outcome
