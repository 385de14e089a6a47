"""The relay: what commands put into the outbox is told to the broker, confirmed, and kept as the journal."""

import time
from datetime import timedelta
from threading import Event

import pymongo

from shared import telemetry
from shared.broker import ERRORS, WINDOW, Outgoing, Publisher, Told
from shared.ids import first_id, utcnow
from shared.leases import ANSWER_SECONDS, Lease
from shared.mongo import COMMAND_SECONDS, Store, away
from shared.view import Doc

IDLE_SECONDS = 0.05
OTHERS_TURN_SECONDS = 1.0
RENEW_SECONDS = 1.5
AWAY_SECONDS = 1.0

log = telemetry.logger(__name__)


class Relay:
    """Tells one service's outbox; of several relays only the one that holds the lease works."""

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher
        self._lease = Lease(store, "relay")
        self._renewed = float("-inf")

    def run(self, stop: Event, woken: Event) -> None:
        """Tell until `stop`; `woken` says that there is something new."""
        while not stop.is_set():
            try:
                if not self._may():
                    stop.wait(OTHERS_TURN_SECONDS)
                elif not self.turn():
                    woken.wait(IDLE_SECONDS)
                    woken.clear()
            except Exception as problem:
                if not isinstance(problem, ERRORS) and not away(problem):
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
        with pymongo.timeout(ANSWER_SECONDS):
            found = self._store.db["outbox"].find({"pending": True})
            rows = list(found.sort([("at", 1), ("_id", 1)]).limit(WINDOW))
        if not rows:
            return 0
        told = self._publisher.publish(
            [Outgoing(row["_id"], row["type"], bytes(row["body"])) for row in rows]
        )
        self._mark(rows, told)
        return len(told.confirmed)

    def _mark(self, rows: list[Doc], told: Told) -> None:
        if told.confirmed:
            with pymongo.timeout(COMMAND_SECONDS):
                self._store.db["outbox"].update_many(
                    {"_id": {"$in": sorted(told.confirmed)}},
                    {"$set": {"told": utcnow()}, "$unset": {"pending": ""}},
                )
        for row in rows:
            if row["_id"] in told.confirmed:
                telemetry.TOLD.labels(row["type"]).inc()
            else:
                why = "no queue is bound to it" if row["_id"] in told.unroutable else "the broker refused it"
                log.error("event not told", extra={"event": row["_id"], "type": row["type"], "why": why})


def replay(store: Store, publisher: Publisher, types: list[str], since_days: float) -> int:
    """Publish told events of these types once more, through a publisher bound to one queue; gives their number."""
    since = utcnow() - timedelta(days=since_days)
    cursor = (
        store.db["outbox"].find({"type": {"$in": types}, "at": {"$gte": since}}).sort([("at", 1), ("_id", 1)])
    )
    batch: list[Outgoing] = []
    count = 0
    for row in cursor:
        batch.append(Outgoing(row["_id"], row["type"], bytes(row["body"])))
        if len(batch) == WINDOW:
            count += len(publisher.publish(batch).confirmed)
            batch = []
    return count + (len(publisher.publish(batch).confirmed) if batch else 0)


def purge(store: Store, journal_days: int) -> int:
    """Forget journal rows older than the retention, and inbox rows well after them; gives the former's number."""
    old = {"_id": {"$lt": first_id(utcnow() - timedelta(days=journal_days))}, "pending": {"$exists": False}}
    older = {"_id": {"$lt": first_id(utcnow() - timedelta(days=2 * journal_days))}}
    store.db["inbox"].delete_many(older)
    return store.db["outbox"].delete_many(old).deleted_count
