"""The relay: what commands put into the outbox is told to the broker, confirmed, and kept as the journal."""

import time
from collections import Counter, deque
from datetime import timedelta
from itertools import islice
from operator import itemgetter
from threading import Event

import pymongo

from shared.core import telemetry
from shared.core.errors import TryLater
from shared.core.ids import first_id, utcnow
from shared.messaging.broker import ERRORS, REFUSALS, WINDOW, Outgoing, Publisher, Told, together
from shared.storage.leases import ANSWER_SECONDS, Lease
from shared.storage.mongo import COMMAND_SECONDS, Store, is_unavailable
from shared.storage.reader import Doc

IDLE_SECONDS = 0.05
OTHERS_TURN_SECONDS = 1.0
RENEW_SECONDS = 1.5
AWAY_SECONDS = 1.0
FIRST_REST, LONGEST_REST = 1.0, 30.0
WINDOW_BYTES = 4 * 1024 * 1024

log = telemetry.logger(__name__)


class Relay:
    """Tells one service's outbox; of several relays only the one that holds the lease works.

    A type that the broker does not take rests for a while, longer each time, and holds up no other.
    """

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher
        self._lease = Lease(store, "relay")
        self._renewed = float("-inf")
        self._rests: dict[str, float] = {}
        self._until: dict[str, float] = {}

    def run(self, stop: Event, woken: Event) -> None:
        """Tell until `stop`; `woken` says that there is something new."""
        while not stop.is_set():
            try:
                if not self._may():
                    self._publisher.close()  # silent, it would be ended by the broker, and cost the next turn
                    stop.wait(OTHERS_TURN_SECONDS)
                elif not self.turn():
                    self._publisher.beat()
                    woken.wait(IDLE_SECONDS)
                    woken.clear()
            except Exception as problem:
                if not isinstance(problem, ERRORS) and not is_unavailable(problem):
                    raise
                log.warning("could not tell", extra={"problem": repr(problem)})
                stop.wait(AWAY_SECONDS)
        self._publisher.close()
        self._lease.give_up()

    def _may(self) -> bool:
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return True
        if self._lease.held():
            self._renewed = time.monotonic()
            return True
        return False

    def turn(self) -> int:
        """Tell up to WINDOW of the oldest untold events; gives how many the broker keeps now."""
        rows = self._untold()
        if not rows:
            return 0
        told = self._publish(rows)
        self._mark(told)
        for row in rows:
            if row["_id"] in told.confirmed:
                telemetry.TOLD.labels(row["type"]).inc()
        self._rest(rows, told)
        return len(told.confirmed)

    def _publish(self, rows: list[Doc]) -> Told:
        """What the broker says of these rows; where it allows none for the sake of one type, of each type alone."""
        try:
            return self._publisher.publish([_outgoing(row) for row in rows])
        except REFUSALS as problem:
            types = sorted({row["type"] for row in rows})
            if types == [rows[0]["type"]]:
                log.error("a type is not allowed", extra={"type": types[0], "problem": repr(problem)})
                return Told(frozenset(), frozenset(), frozenset(row["_id"] for row in rows))
            return together(self._publish([row for row in rows if row["type"] == type]) for type in types)

    def _untold(self) -> list[Doc]:
        resting = [type for type, until in self._until.items() if time.monotonic() < until]
        where = {"pending": True, **({"type": {"$nin": resting}} if resting else {})}
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

    def _mark(self, told: Told) -> None:
        if told.confirmed:
            with pymongo.timeout(COMMAND_SECONDS):
                self._store.db["outbox"].update_many(
                    {"_id": {"$in": sorted(told.confirmed)}},
                    {"$set": {"told": utcnow()}, "$unset": {"pending": ""}},
                )

    def _rest(self, rows: list[Doc], told: Told) -> None:
        missed = Counter(row["type"] for row in rows if row["_id"] not in told.confirmed)
        for type in {row["type"] for row in rows} - missed.keys():
            self._rests.pop(type, None)
        for type, count in missed.items():
            seconds = self._rests[type] = min(2 * self._rests.get(type, FIRST_REST / 2), LONGEST_REST)
            self._until[type] = time.monotonic() + seconds
            unroutable = any(row["_id"] in told.unroutable for row in rows if row["type"] == type)
            why = "no queue is bound to it" if unroutable else "the broker refused it"
            log.error("events not told", extra={"type": type, "count": count, "why": why, "rests": seconds})


def _outgoing(row: Doc) -> Outgoing:
    return Outgoing(row["_id"], row["type"], bytes(row["body"]))


def _in_sequence(rows: list[Doc]) -> list[Doc]:
    """The rows, each subject's in the order of their sequence: a command may be older than one committed before it."""
    waiting: dict[str, deque[Doc]] = {}
    for row in sorted(rows, key=itemgetter("sequence")):
        waiting.setdefault(row["subject"], deque()).append(row)
    return [waiting[row["subject"]].popleft() for row in rows]


def replay(store: Store, publisher: Publisher, types: list[str], since_days: float) -> int:
    """Publish events of these types once more, through a publisher bound to one queue; gives their number.

    TryLater when the queue takes no more: what it has by then is ignored when it comes again.
    """
    since = utcnow() - timedelta(days=since_days)
    cursor = (
        store.db["outbox"].find({"type": {"$in": types}, "at": {"$gte": since}}).sort([("at", 1), ("_id", 1)])
    )
    count = 0
    while rows := list(islice(cursor, WINDOW)):
        told = publisher.publish([_outgoing(row) for row in rows])
        count += len(told.confirmed)
        if len(told.confirmed) < len(rows):
            raise TryLater(f"The broker took {count} events and refused others; tell them all again later.")
    return count


def purge(store: Store, journal_days: int) -> int:
    """Forget journal rows older than the retention, and inbox rows well after them; gives the former's number."""
    long_ago, longer_ago = (utcnow() - timedelta(days=factor * journal_days) for factor in (1, 2))
    # An id may come from a clock that was behind: what was told or heard lately stays, however old it looks.
    told = {"_id": {"$lt": first_id(long_ago)}, "pending": {"$exists": False}, "told": {"$lt": long_ago}}
    heard = {"_id": {"$lt": first_id(longer_ago)}, "at": {"$lt": longer_ago}}
    store.db["inbox"].delete_many(heard)
    return store.db["outbox"].delete_many(told).deleted_count
