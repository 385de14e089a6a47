"""The relay: what commands put into the outbox is published, confirmed, and kept as the journal."""

import time
from collections import Counter, deque
from datetime import timedelta
from operator import itemgetter
from threading import Event

import pymongo

from shared.core import telemetry, tracing
from shared.core.ids import first_id, utcnow
from shared.events import contracts
from shared.events.contract import STATE
from shared.events.envelope import journey
from shared.messaging import heartbeats
from shared.messaging.broker import ERRORS, REFUSALS, WINDOW, OutgoingEvent, Publisher, PublishResult
from shared.messaging.replays import Replayer
from shared.storage.leases import ANSWER_SECONDS, Lease
from shared.storage.mongo import COMMAND_SECONDS, Store, is_unavailable
from shared.storage.reader import Doc

IDLE_SECONDS = 0.05
OTHERS_TURN_SECONDS = 1.0
RENEW_SECONDS = 1.5
RETRY_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
WINDOW_BYTES = 4 * 1024 * 1024

log = telemetry.logger(__name__)


class Relay:
    """Publishes one service's outbox; of several relays only the one that holds the lease works.

    A type that the broker does not take is paused, longer each time, and holds up no other.
    """

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher
        self._lease = Lease(store, "relay")
        self._renewed = float("-inf")
        self._replayer = Replayer(store, publisher)
        self._next_beat = 0.0
        self._pauses: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}

    def run(self, stop: Event, emitted: Event) -> None:
        """Publish until `stop`; `emitted` says that the outbox has something new."""
        while not stop.is_set():
            try:
                if not self._acquire_lease():
                    self._publisher.close()  # silent, it would be ended by the broker, and cost the next turn
                    stop.wait(OTHERS_TURN_SECONDS)
                elif not self.work():
                    self._publisher.heartbeat()
                    emitted.wait(IDLE_SECONDS)
                    emitted.clear()
            except Exception as problem:
                if not isinstance(problem, ERRORS) and not is_unavailable(problem):
                    raise
                log.warning("publishing failed", extra={"problem": repr(problem)})
                stop.wait(RETRY_SECONDS)
        self._publisher.close()
        self._lease.release()

    def work(self) -> int:
        """One turn of everything that a relay does; gives how many events it published."""
        self._beat()
        return self.turn() + self._replayer.turn()

    def _beat(self) -> None:
        """Say that this service lives, and up to when it has said everything."""
        if time.monotonic() >= self._next_beat and (beat := heartbeats.make(self._store)):
            self._next_beat = time.monotonic() + heartbeats.EVERY_SECONDS
            try:
                self._publisher.publish([beat])
            except REFUSALS as problem:
                log.error("event type not allowed", extra={"type": beat.type, "problem": repr(problem)})

    def _acquire_lease(self) -> bool:
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return True
        if self._lease.acquire():
            self._renewed = time.monotonic()
            return True
        return False

    def turn(self) -> int:
        """Publish up to WINDOW of the oldest unpublished events; gives how many the broker confirmed."""
        rows = self._find_unpublished()
        if not rows:
            return 0
        began = time.time_ns()
        result = self._publish(rows)
        self._mark_published(result)
        for row in rows:
            if row["_id"] in result.confirmed:
                telemetry.EVENTS_PUBLISHED.labels(row["type"]).inc()
                _trace(row, began)
        self._pause_missed_types(rows, result)
        return len(result.confirmed)

    def _publish(self, rows: list[Doc]) -> PublishResult:
        """What the broker says of these rows; where it allows none for the sake of one type, of each type alone."""
        try:
            return self._publisher.publish([_outgoing_event(row) for row in rows])
        except REFUSALS as problem:
            types = sorted({row["type"] for row in rows})
            if types == [rows[0]["type"]]:
                log.error("event type not allowed", extra={"type": types[0], "problem": repr(problem)})
                return PublishResult(refused=frozenset(row["_id"] for row in rows))
            return PublishResult.merge(
                self._publish([row for row in rows if row["type"] == type]) for type in types
            )

    def _find_unpublished(self) -> list[Doc]:
        paused = [type for type, until in self._paused_until.items() if time.monotonic() < until]
        where = {"pending": True, **({"type": {"$nin": paused}} if paused else {})}
        rows: list[Doc] = []
        size = 0
        with pymongo.timeout(ANSWER_SECONDS):
            found = self._store.db["outbox"].find(where, batch_size=WINDOW, limit=WINDOW)
            for row in found.sort([("at", 1), ("_id", 1)]):
                rows.append(row)
                size += len(row["body"])
                if size >= WINDOW_BYTES:
                    break
        return _in_sequence(rows)

    def _mark_published(self, result: PublishResult) -> None:
        if result.confirmed:
            with pymongo.timeout(COMMAND_SECONDS):
                self._store.db["outbox"].update_many(
                    {"_id": {"$in": sorted(result.confirmed)}},
                    {"$set": {"published_at": utcnow()}, "$unset": {"pending": ""}},
                )

    def _pause_missed_types(self, rows: list[Doc], result: PublishResult) -> None:
        missed = Counter(row["type"] for row in rows if row["_id"] not in result.confirmed)
        for type in {row["type"] for row in rows} - missed.keys():
            self._pauses.pop(type, None)
        for type, count in missed.items():
            seconds = self._pauses[type] = min(2 * self._pauses.get(type, FIRST_PAUSE / 2), LONGEST_PAUSE)
            self._paused_until[type] = time.monotonic() + seconds
            unroutable = any(row["_id"] in result.unroutable for row in rows if row["type"] == type)
            reason = "no queue is bound to it" if unroutable else "the broker refused it"
            extra = {"type": type, "count": count, "reason": reason, "pause_seconds": seconds}
            log.error("events not published", extra=extra)


def _outgoing_event(row: Doc) -> OutgoingEvent:
    return OutgoingEvent(row["_id"], row["type"], bytes(row["body"]))


def _trace(row: Doc, began: int) -> None:
    if tracing.is_on():
        id, type, body = row["_id"], row["type"], bytes(row["body"])
        correlation, parent = journey(body)
        about = tracing.message("publish", type, id, body, correlation)
        tracing.record(f"publish {type}", parent, tracing.PRODUCER, about, began)


def _in_sequence(rows: list[Doc]) -> list[Doc]:
    """The rows, each subject's in the order of their sequence: a command may be older than one committed before it."""
    waiting: dict[str, deque[Doc]] = {}
    for row in sorted(rows, key=itemgetter("sequence")):
        waiting.setdefault(row["subject"], deque()).append(row)
    return [waiting[row["subject"]].popleft() for row in rows]


def purge(store: Store, journal_days: int) -> int:
    """Forget journal rows older than the retention, and inbox rows well after them; gives the former's number."""
    long_ago, longer_ago = (utcnow() - timedelta(days=factor * journal_days) for factor in (1, 2))
    # An id may come from a clock that was behind: what was published or consumed lately stays, however old it looks.
    published = {
        "_id": {"$lt": first_id(long_ago)},
        "pending": {"$exists": False},
        "published_at": {"$lt": long_ago},
    }
    consumed = {"_id": {"$lt": first_id(longer_ago)}, "at": {"$lt": longer_ago}}
    store.db["inbox"].delete_many(consumed)
    states = [contract.type for contract in contracts() if contract.kind == STATE]
    deleted = store.db["outbox"].delete_many({**published, "type": {"$nin": states}}).deleted_count
    return deleted + _purge_states(store, {**published, "type": {"$in": states}})


def _purge_states(store: Store, where: Doc) -> int:
    """Forget states that newer ones of the same subject and type replaced: replicas are rebuilt from what is left."""
    outbox = store.db["outbox"]
    old = list(outbox.find(where, {"subject": 1, "type": 1, "sequence": 1}))
    newest: dict[tuple[str, str], int] = {}
    for row in outbox.find(
        {"subject": {"$in": sorted({row["subject"] for row in old})}, "type": where["type"]},
        {"subject": 1, "type": 1, "sequence": 1},
    ):
        key = (row["subject"], row["type"])
        newest[key] = max(newest.get(key, 0), row["sequence"])
    replaced = [row["_id"] for row in old if row["sequence"] < newest[row["subject"], row["type"]]]
    return outbox.delete_many({"_id": {"$in": replaced}}).deleted_count
