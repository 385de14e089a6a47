"""Deferred events tried again: which are due, and each attempt written down before it starts."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from pymongo import UpdateOne

from shared.core import telemetry
from shared.core.ids import utcnow
from shared.events import Unreadable, decode
from shared.messaging.dead_letters import mark_dead
from shared.messaging.deferred import DEFERRED_EVENTS, RETRY_SECONDS, IncomingEvent, error_text
from shared.storage.mongo import Store
from shared.storage.reader import Doc, Reader

LIMIT = 64
ALARM_AFTER = timedelta(minutes=10)
ATTEMPT_TIME = timedelta(seconds=5)
"""How long an event whose attempt has started is left to whoever started it."""
BEYOND_SCHEDULE = timedelta(seconds=2 * max(RETRY_SECONDS))

log = telemetry.logger(__name__)


@dataclass
class Due:
    """The deferred events that may be tried now, and those that this code can never handle, with the reason."""

    events: list[IncomingEvent] = field(default_factory=list)
    dead: list[tuple[Doc, str]] = field(default_factory=list)


def retry_due(
    store: Store, types: Collection[type], handle: Callable[[Sequence[IncomingEvent]], object]
) -> None:
    """Hand what is due to `handle`, batch by batch; what this code can never handle is dead from now on."""
    due = find_due(store, types)
    for doc, reason in due.dead:
        mark_dead(store, doc, reason)
    for batch in safe_batches(due.events):
        if started := start_attempt(store, batch):
            handle(started)


def find_due(store: Store, types: Collection[type], limit: int = LIMIT) -> Due:
    """The events whose time has come, or whose subject changed since they were deferred."""
    due = Due()
    for doc in store.query(_find_due, limit):
        try:
            envelope = decode(bytes(doc["body"]))
        except Unreadable as problem:
            due.dead.append((doc, f"Unreadable: {error_text(problem)}"))
            continue
        if type(envelope.event) in types:
            due.events.append(IncomingEvent(envelope, doc, rebuilding=doc.get("rebuilding", "")))
        else:
            due.dead.append((doc, f"no handler for {envelope.type}"))
    return due


def _find_due(reader: Reader, limit: int) -> list[Doc]:
    # What lies further ahead than any schedule was written by a clock that has been set back since.
    when = [{"next_at": {"$lte": reader.now}}, {"next_at": {"$gt": reader.now + BEYOND_SCHEDULE}}]
    where = {"state": {"$in": ["retry", "waiting"]}, "$or": when, **_not_under_way(reader)}
    late = reader.find(DEFERRED_EVENTS, where, [("next_at", 1)], limit)
    docs = {doc["_id"]: doc for doc in [*_find_resolved(reader, limit // 2), *late]}
    for doc in docs.values():
        if reader.now - doc["deferred_at"] > ALARM_AFTER:
            log.warning(
                "event deferred for too long", extra={"event": doc["_id"], "waits_for": doc["waits_for"]}
            )
    return list(docs.values())[:limit]


def _not_under_way(reader: Reader) -> Doc:
    under_way = {"$gt": reader.now - ATTEMPT_TIME, "$lte": reader.now + ATTEMPT_TIME}
    return {"$nor": [{"attempt_started_at": under_way}]}


def _find_resolved(reader: Reader, limit: int) -> list[Doc]:
    """Asked by subject, not by event: many that wait for one thing hide nobody who waits for another."""
    pair = {"_id": {"subject": "$waits_for", "seen": "$seen_rev"}}
    grouped = reader.aggregate(DEFERRED_EVENTS, [{"$match": {"state": "waiting"}}, {"$group": pair}])
    pairs = [(row["_id"]["subject"], row["_id"]["seen"]) for row in grouped]
    revisions = _find_revisions(reader, {subject for subject, _ in pairs}) if pairs else {}
    changed = [(subject, seen) for subject, seen in pairs if revisions.get(subject, 0) != seen][:limit]
    if not changed:
        return []
    alternatives = [{"waits_for": subject, "seen_rev": seen} for subject, seen in changed]
    where = {"state": "waiting", "$or": alternatives, **_not_under_way(reader)}
    return reader.find(DEFERRED_EVENTS, where, [("deferred_at", 1)], limit)


def _find_revisions(reader: Reader, subjects: Iterable[str]) -> dict[str, int]:
    heads = reader.find("heads", {"_id": {"$in": sorted(subjects)}}, fields=["rev"])
    return {head["_id"]: head["rev"] for head in heads}


def safe_batches(events: Sequence[IncomingEvent]) -> list[list[IncomingEvent]]:
    """The events in the company in which they may be handled.

    An event of which an attempt was started and never ended may have ended the process: it is handled alone.
    """
    fresh = [event for event in events if not _unfinished_attempts(event)]
    suspects = [[event] for event in events if _unfinished_attempts(event)]
    return [fresh, *suspects] if fresh else suspects


def start_attempt(store: Store, batch: Sequence[IncomingEvent]) -> Sequence[IncomingEvent]:
    """Write down that a safe batch is being handled; gives those that may be, after which each ends or is recorded.

    For an event that comes alone the next attempt is put off by a pause that grows, in case this one ends the process
    again; it is dead when it has ended too many.
    """
    if len(batch) == 1 and _unfinished_attempts(batch[0]):
        return batch if _start_again(store, batch[0]) else []
    started = {"$set": {"unfinished_attempts": 1, "attempt_started_at": utcnow()}}
    store.db[DEFERRED_EVENTS].bulk_write([UpdateOne(_as_read(event), started) for event in batch])
    return batch


def _unfinished_attempts(event: IncomingEvent) -> int:
    return int(_document(event).get("unfinished_attempts", 0))


def _document(event: IncomingEvent) -> Doc:
    assert event.deferred is not None
    return event.deferred


def _as_read(event: IncomingEvent) -> Doc:
    return {"_id": event.envelope.key, "rev": _document(event)["rev"]}


def _start_again(store: Store, event: IncomingEvent) -> bool:
    attempts = _unfinished_attempts(event)
    if attempts > len(RETRY_SECONDS):
        mark_dead(store, _document(event), f"the process ended in each of {attempts} attempts")
        return False
    pause = timedelta(seconds=RETRY_SECONDS[attempts - 1])
    log.warning(
        "retrying an event whose last attempt never ended",
        extra={"event": event.envelope.id, "attempts": attempts},
    )
    retry = {
        "state": "retry",
        "waits_for": None,
        "next_at": utcnow() + pause,
        "unfinished_attempts": attempts + 1,
    }
    return store.db[DEFERRED_EVENTS].update_one(_as_read(event), {"$set": retry}).matched_count == 1
