"""Replays: the journal published once more to one consumer, by its producer's relay, as an operator asked."""

import time
from datetime import timedelta

import pymongo

from shared.core import telemetry
from shared.core.errors import NotFound
from shared.core.ids import first_id
from shared.events import contracts
from shared.events.contract import HEARTBEAT
from shared.messaging import heartbeats
from shared.messaging.broker import REFUSALS, WINDOW, OutgoingEvent, Publisher
from shared.storage.leases import ANSWER_SECONDS
from shared.storage.mongo import Store
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

REPLAYS = "replays"
LOOK_SECONDS = 1.0
PAUSE_SECONDS = 5.0
WINDOW_BYTES = 4 * 1024 * 1024

log = telemetry.logger(__name__)


def types_for(producer: str, consumer: str) -> list[str]:
    """What this producer's journal holds for that consumer."""
    return [
        one.type
        for one in contracts()
        if one.producer == producer and consumer in one.consumers and one.kind != HEARTBEAT
    ]


def ask(tx: Transaction, consumer: str, days: float | None) -> str:
    """Ask for the journal of so many days, or, with None, for all of it to rebuild the consumer's replicas; its id."""
    id = tx.new_id()
    fields = {"consumer": consumer, "types": types_for(tx.context.service, consumer), "rebuild": days is None}
    after = first_id(tx.now - timedelta(days=days)) if days is not None else ""
    tx.put(REPLAYS, {"_id": id, **fields, "asked_at": tx.now, "after": after, "count": 0, "state": "asked"})
    tx.audit(f"replay:{id}", "replay.asked", consumer=consumer, after=after, rebuild=days is None)
    return id


def require(reader: Reader, id: str) -> Doc:
    """A replay, with its state (asked, done), its count, and the problem that it met last."""
    doc = reader.get(REPLAYS, id)
    if doc is None:
        raise NotFound(f"No replay is called {id}.")
    return doc


class Replayer:
    """Does the replays that are asked for, the oldest first, a window at each turn of the relay.

    What is committed meanwhile is published by the relay in its turn, or comes last in the replay: a consumer gets
    the newest event about a subject after all the older ones.
    """

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self._rows = store.db[REPLAYS]
        self._store = store
        self._publisher = publisher
        self._next_look = 0.0

    def turn(self) -> int:
        """Publish the next window of the oldest replay; gives the number of its events."""
        if time.monotonic() < self._next_look:
            return 0
        with pymongo.timeout(ANSWER_SECONDS):
            replay = self._rows.find_one({"state": "asked"}, sort=[("_id", 1)])
            rows = self._find_window(replay) if replay else []
        if replay is None:
            self._next_look = time.monotonic() + LOOK_SECONDS
        elif rows:
            self._go_on(replay, rows)
        else:
            self._end(replay)
        return len(rows)

    def _find_window(self, replay: Doc) -> list[Doc]:
        where = {"_id": {"$gt": replay["after"]}, "type": {"$in": replay["types"]}}
        rows: list[Doc] = []
        size = 0
        for row in self._store.db["outbox"].find(where, batch_size=WINDOW, limit=WINDOW).sort("_id", 1):
            rows.append(row)
            size += len(row["body"])
            if size >= WINDOW_BYTES:
                break
        return rows

    def _go_on(self, replay: Doc, rows: list[Doc]) -> None:
        events = [OutgoingEvent(row["_id"], row["type"], bytes(row["body"])) for row in rows]
        if self._publish(replay, events):
            passed = {"after": rows[-1]["_id"], "count": replay["count"] + len(rows), "problem": None}
            self._update(replay, passed)

    def _end(self, replay: Doc) -> None:
        marker = (
            heartbeats.make(self._store, replay["_id"], replay["asked_at"]) if replay["rebuild"] else None
        )
        if marker is None or self._publish(replay, [marker]):
            self._update(replay, {"state": "done", "problem": None})
            log.info("journal replayed", extra={"consumer": replay["consumer"], "count": replay["count"]})

    def _publish(self, replay: Doc, events: list[OutgoingEvent]) -> bool:
        rebuild = replay["_id"] if replay["rebuild"] else ""
        try:
            result = self._publisher.publish(events, replay["consumer"], rebuild)
        except REFUSALS as problem:
            return self._pause(replay, f"the broker does not allow it: {problem}")
        if len(result.confirmed) < len(events):
            return self._pause(replay, "the broker refuses events: the queue is full, or there is none")
        return True

    def _pause(self, replay: Doc, problem: str) -> bool:
        log.error("replay paused", extra={"consumer": replay["consumer"], "problem": problem})
        self._next_look = time.monotonic() + PAUSE_SECONDS
        self._update(replay, {"problem": problem})
        return False

    def _update(self, replay: Doc, fields: Doc) -> None:
        with pymongo.timeout(ANSWER_SECONDS):
            self._rows.update_one({"_id": replay["_id"]}, {"$set": fields})
