"""Chores: work outside of transactions (a webhook, a scan, a sweep), one row each, leased, tried again, or parked."""

import random
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import ConnectionFailure, DuplicateKeyError, PyMongoError

from shared import telemetry
from shared.mongo import Store
from shared.transaction import Doc, Transaction, new_id, utcnow

IDLE_SECONDS = 0.1
JITTER = 0.2

log = telemetry.logger(__name__)


class Later(Exception):
    """The chore could not be done now: try again, after `seconds` when given, else by its schedule."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Park(Exception):
    """The chore can never be done as it is: a person must look."""


@dataclass(frozen=True)
class Chore:
    """How one kind of chore is done.

    `work(store, row)` runs outside of any transaction and may run more than once; `schedule` gives the seconds
    before each further try; `parked(store, row)` is called once when the last try failed; `group_limit` bounds
    how many chores of one group are under way at once, over all processes (0: no bound).
    """

    work: Callable[[Store, Doc], None]
    schedule: tuple[float, ...] = (5, 30, 120, 600, 3600)
    lease_seconds: float = 60.0
    group_limit: int = 0
    parked: Callable[[Store, Doc], None] | None = None


def add(
    tx: Transaction, kind: str, key: str, payload: Mapping[str, Any], group: str = "", due: datetime | None = None
) -> None:
    """Add a chore in the command's own transaction; `kind` and `key` together name it for ever."""
    tx.insert(
        "chores",
        {
            "_id": f"{kind}:{key}",
            "kind": kind,
            "group": group,
            "state": "ready",
            "due": due or tx.now,
            "tries": 0,
            "token": None,
            "lease_until": None,
            "slot": None,
            "error": None,
            "payload": dict(payload),
        },
    )


class Runner:
    """Does the chores of one service with a few threads, one row at a time in each."""

    def __init__(self, store: Store, kinds: Mapping[str, Chore], threads: int = 8) -> None:
        self._store = store
        self._kinds = kinds
        self._threads = threads
        self._chores = store.db["chores"]

    def run(self, stop: Event) -> None:
        """Take and do chores until `stop`; what is under way is finished before this returns."""
        with ThreadPoolExecutor(self._threads, thread_name_prefix="chore") as pool:
            under_way: set[Future[None]] = set()
            while not stop.is_set():
                under_way = {one for one in under_way if not _ended(one)}
                row = self._next_or_none() if len(under_way) < self._threads else None
                if row is None:
                    stop.wait(IDLE_SECONDS)
                else:
                    under_way.add(pool.submit(self._do, row))

    def _next_or_none(self) -> Doc | None:
        try:
            return self._next()
        except ConnectionFailure as problem:
            log.warning("the database is away", extra={"problem": repr(problem)})
            return None

    def turn(self) -> int:
        """Do everything that is due, here and now; gives how many chores were tried."""
        count = 0
        while (row := self._next()) is not None:
            self._do(row)
            count += 1
        return count

    def _next(self) -> Doc | None:
        for kind, chore in self._kinds.items():
            row = self._grouped(kind, chore) if chore.group_limit else self._claim(kind, chore, {}, None)
            if row is not None:
                return row
        return None

    def _open(self, kind: str) -> Doc:
        now = utcnow()
        ready = {"state": "ready", "due": {"$lte": now}}
        return {"kind": kind, "$or": [ready, {"state": "leased", "lease_until": {"$lt": now}}]}

    def _claim(self, kind: str, chore: Chore, where: Doc, slot: str | None) -> Doc | None:
        lease = {
            "state": "leased",
            "token": new_id(),
            "slot": slot,
            "lease_until": utcnow() + timedelta(seconds=chore.lease_seconds),
        }
        return self._chores.find_one_and_update(
            self._open(kind) | where,
            {"$set": lease, "$inc": {"tries": 1, "rev": 1}},
            sort=[("due", 1)],
            return_document=ReturnDocument.AFTER,
        )

    def _grouped(self, kind: str, chore: Chore) -> Doc | None:
        groups = self._chores.distinct("group", self._open(kind))
        random.shuffle(groups)
        for group in groups:
            slot = self._slot(kind, group, chore)
            if slot is None:
                continue
            row = self._claim(kind, chore, {"group": group}, slot)
            if row is not None:
                return row
            self._free(slot)
        return None

    def _slot(self, kind: str, group: str, chore: Chore) -> str | None:
        now = utcnow()
        until = now + timedelta(seconds=chore.lease_seconds)
        for number in range(chore.group_limit):
            slot, token = f"{kind}|{group}|{number}", new_id()
            try:
                self._store.db["slots"].find_one_and_update(
                    {"_id": slot, "until": {"$lt": now}}, {"$set": {"until": until, "token": token}}, upsert=True
                )
            except DuplicateKeyError:
                continue
            return token
        return None

    def _free(self, token: str | None) -> None:
        if token is not None:
            self._store.db["slots"].delete_one({"token": token})

    def _do(self, row: Doc) -> None:
        chore = self._kinds[row["kind"]]
        try:
            chore.work(self._store, row)
            self._settle(row, {"state": "done", "error": None, "done_at": utcnow()})
        except Park as problem:
            self._park(chore, row, str(problem))
        except Exception as problem:
            self._again(chore, row, problem)
        self._free(row["slot"])

    def _again(self, chore: Chore, row: Doc, problem: Exception) -> None:
        away = isinstance(problem, PyMongoError)
        if not away and row["tries"] > len(chore.schedule):
            self._park(chore, row, _words(problem))
            return
        seconds = chore.schedule[min(row["tries"], len(chore.schedule)) - 1]
        seconds *= random.uniform(1 - JITTER, 1 + JITTER)
        if isinstance(problem, Later) and problem.seconds is not None:
            seconds = problem.seconds
        log.warning("chore failed", extra={"chore": row["_id"], "tries": row["tries"], "problem": _words(problem)})
        self._settle(
            row, {"state": "ready", "due": utcnow() + timedelta(seconds=seconds), "error": _words(problem)}
        )

    def _park(self, chore: Chore, row: Doc, reason: str) -> None:
        log.error("chore parked", extra={"chore": row["_id"], "tries": row["tries"], "problem": reason})
        if chore.parked is not None:
            chore.parked(self._store, row | {"error": reason})
        self._settle(row, {"state": "parked", "error": reason})

    def _settle(self, row: Doc, fields: Doc) -> None:
        self._chores.update_one(
            {"_id": row["_id"], "token": row["token"]},
            {"$set": {**fields, "token": None, "lease_until": None, "slot": None}, "$inc": {"rev": 1}},
        )


def _words(problem: Exception) -> str:
    return str(problem) if isinstance(problem, Later) else f"{type(problem).__name__}: {problem}"


def _ended(one: "Future[None]") -> bool:
    if one.done() and (problem := one.exception()) is not None:
        raise problem
    return one.done()
