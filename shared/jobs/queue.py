"""Chores: work outside of transactions (a webhook, a scan, a mail), one row each, leased, tried again, or parked."""

import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pymongo
from pymongo import ReturnDocument
from pymongo.errors import ConnectionFailure, DuplicateKeyError, PyMongoError

from shared.core import telemetry
from shared.core.errors import TryLater
from shared.core.ids import new_id, utcnow
from shared.jobs.fairness import FairScheduler
from shared.storage.leases import over
from shared.storage.mongo import COMMAND_SECONDS, Store
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction

THREADS = 32
IDLE_SECONDS = 0.1
TAKE_BACK_SECONDS = 1.0
AWAY_SECONDS = 5.0
TAKE_SECONDS = 5.0
JITTER = 0.2
MOST_HASTENED = 1000

log = telemetry.logger(__name__)


class Retry(Exception):
    """The job could not be done: try again by its schedule, and not before `seconds` have passed."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Defer(Retry):
    """The job's turn has not come: look again after `seconds`, without counting a try."""


class Skip(Exception):
    """The job is over without a try: there was nothing to do."""


class Park(Exception):
    """The job can never be done as it is: a person must look."""


@dataclass(frozen=True)
class Job:
    """How one kind of job is done.

    `work(store, row)` runs outside of any transaction, may run more than once, and must end well within the lease;
    `schedule` gives the seconds before each further try; `parked(store, row)` is called, at least once, when the
    last try has failed; `group_limit` bounds how many jobs of one group are under way at once, over all
    processes (0: no bound).
    """

    work: Callable[[Store, Doc], None]
    schedule: tuple[float, ...] = (5, 30, 120, 600, 3600)
    lease_seconds: float = 60.0
    group_limit: int = 0
    parked: Callable[[Store, Doc], None] | None = None

    @property
    def lease(self) -> timedelta:
        """How long it may take."""
        return timedelta(seconds=self.lease_seconds)


def add(
    tx: Transaction,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    group: str = "",
    due: datetime | None = None,
) -> None:
    """Add a job in the command's own transaction; `kind` and `key` together name it as long as it is kept."""
    tx.insert(
        "jobs",
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
            "correlation": tx.context.correlation,
            "trace": tx.context.trace,
        },
    )


def reschedule_now(tx: Transaction, kind: str, group: str) -> None:
    """Make due what a group has to do later, with the schedule before it: at most MOST_HASTENED, the earliest first."""
    ready = {"kind": kind, "group": group, "state": "ready", "due": {"$gt": tx.now}}
    for row in tx.find("jobs", ready, [("due", 1)], MOST_HASTENED):
        tx.put("jobs", {**row, "due": tx.now, "tries": 0})


def purge(store: Store, days: float) -> int:
    """Forget the jobs that were done longer ago than that; gives their number."""
    before = utcnow() - timedelta(days=days)
    return store.db["jobs"].delete_many({"state": "done", "done_at": {"$lt": before}}).deleted_count


class Runner:
    """Does the jobs of one service with some threads, one row at a time in each."""

    def __init__(self, store: Store, kinds: Mapping[str, Job], threads: int = THREADS) -> None:
        self._store = store
        self._kinds = kinds
        self._threads = threads
        self._pace = FairScheduler(threads)
        self._chores = store.db["jobs"]
        self._slots = store.db["slots"]
        self._take_back_at = 0.0

    def run(self, stop: Event) -> None:
        """Take and do jobs until `stop`; what is under way is finished before this returns."""
        under_way: set[Future[None]] = set()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="job") as pool:
            while not stop.is_set():
                row = self._next_or_none() if len(under_way) < self._threads else None
                if row is not None:
                    under_way.add(pool.submit(self._do, row))
                elif under_way:
                    wait(under_way, IDLE_SECONDS, FIRST_COMPLETED)
                else:
                    stop.wait(IDLE_SECONDS)
                under_way = {one for one in under_way if not one.done()}

    def turn(self) -> int:
        """Do everything that is due, here and now; gives how many jobs were tried."""
        count = 0
        while (row := self._next()) is not None:
            self._do(row)
            count += 1
        return count

    # taking

    def _next_or_none(self) -> Doc | None:
        try:
            with pymongo.timeout(TAKE_SECONDS):
                return self._next()
        except PyMongoError as problem:
            if not _away(problem):
                raise
            log.warning("the database is away", extra={"problem": repr(problem)})
            return None

    def _next(self) -> Doc | None:
        self._take_back()
        for kind in random.sample(list(self._kinds), len(self._kinds)):
            job = self._kinds[kind]
            row = self._grouped(kind, job) if job.group_limit else self._claim(kind, job, {}, None)
            if row is not None:
                return row
        return None

    def _take_back(self) -> None:
        """Make ready again what somebody took and never ended."""
        if time.monotonic() < self._take_back_at:
            return
        self._take_back_at = time.monotonic() + TAKE_BACK_SECONDS
        for kind, job in self._kinds.items():
            ended = over("lease_until", utcnow(), job.lease)
            self._chores.update_many(
                {"state": "leased", "kind": kind, "$or": ended},
                {"$set": {"state": "ready", "token": None, "slot": None}, "$inc": {"rev": 1}},
            )

    def _claim(self, kind: str, job: Job, where: Doc, slot: str | None) -> Doc | None:
        now = utcnow()
        lease = {"state": "leased", "token": new_id(), "slot": slot, "lease_until": now + job.lease}
        return self._chores.find_one_and_update(
            {"kind": kind, "state": "ready", "due": {"$lte": now}, **where},
            {"$set": lease, "$inc": {"tries": 1, "rev": 1}},
            sort=[("due", 1)],
            return_document=ReturnDocument.AFTER,
        )

    def _grouped(self, kind: str, job: Job) -> Doc | None:
        now = utcnow()
        groups = self._chores.distinct("group", {"kind": kind, "state": "ready", "due": {"$lte": now}})
        held = {"$nor": over("until", now, job.lease)}
        taken = {one["_id"] for one in self._slots.find(held, {"_id": 1})}
        for group in self._pace.admitted(groups):
            names = (f"{kind}|{group}|{number}" for number in range(job.group_limit))
            for name in (one for one in names if one not in taken):
                if (row := self._claim_in(name, kind, job, group)) is not None:
                    return row
        return None

    def _claim_in(self, name: str, kind: str, job: Job, group: str) -> Doc | None:
        """Take a slot of the group and then a row; None when somebody else was faster."""
        now, token = utcnow(), new_id()
        slot = {"until": now + job.lease, "token": token}
        free = {"_id": name, "$or": over("until", now, job.lease)}
        try:
            self._slots.update_one(free, {"$set": slot}, upsert=True)
        except DuplicateKeyError:
            return None
        row = self._claim(kind, job, {"group": group}, token)
        if row is None:
            self._free(token)
        else:
            self._pace.begin(row["token"], group)
        return row

    def _free(self, token: str | None) -> None:
        if token is not None:
            self._slots.delete_one({"token": token})

    # doing

    def _do(self, row: Doc) -> None:
        """Do one job; where even its end cannot be written down, the lease runs out and it is taken again."""
        with telemetry.about(row.get("correlation"), row.get("trace")):
            try:
                self._carry_out(self._kinds[row["kind"]], row)
                self._free(row["slot"])
            except Exception:
                telemetry.JOBS.labels(row["kind"], "left").inc()
                log.exception("job left until its lease is over", extra={"job": row["_id"]})
            finally:
                self._pace.end(row["token"], done=False)

    def _carry_out(self, job: Job, row: Doc) -> None:
        if row["tries"] > len(job.schedule) + 1:
            never = "no try ever ended: the process died, or its lease ran out"
            self._park(job, row, row["error"] or never)
            return
        try:
            job.work(self._store, row)
            self._pace.end(row["token"], done=True)
        except Skip:
            self._pace.drop(row["token"])
        except Park as problem:
            self._park(job, row, str(problem))
            return
        except Exception as problem:
            self._again(job, row, problem)
            return
        self._settle(row, "done", error=None, done_at=utcnow())

    def _again(self, job: Job, row: Doc, problem: Exception) -> None:
        tries, least = row["tries"], problem.seconds if isinstance(problem, Retry) else 0.0
        if isinstance(problem, Defer) or _away(problem):
            self._pace.drop(row["token"])
            tries, seconds = tries - 1, least or AWAY_SECONDS
        elif tries > len(job.schedule):
            self._park(job, row, _words(problem))
            return
        else:
            seconds = max(job.schedule[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER), least)
        extra = {"job": row["_id"], "tries": tries, "seconds": seconds, "problem": _words(problem)}
        log.warning("job put off", extra=extra, exc_info=None if isinstance(problem, Retry) else problem)
        after = timedelta(seconds=seconds)
        self._settle(row, "ready", tries=tries, due=utcnow() + after, error=_words(problem))

    def _park(self, job: Job, row: Doc, reason: str) -> None:
        log.error("job parked", extra={"job": row["_id"], "tries": row["tries"], "problem": reason})
        if job.parked is not None:
            job.parked(self._store, row | {"error": reason})
        self._settle(row, "parked", error=reason)

    def _settle(self, row: Doc, state: str, **fields: Any) -> None:
        telemetry.JOBS.labels(row["kind"], state).inc()
        mine = {"_id": row["_id"], "token": row["token"]}
        end = {"state": state, "token": None, "lease_until": None, "slot": None, **fields}
        with pymongo.timeout(COMMAND_SECONDS):
            settled = self._chores.update_one(mine, {"$set": end, "$inc": {"rev": 1}})
        if not settled.matched_count:
            log.warning("job took longer than its lease", extra={"job": row["_id"]})


def _away(problem: Exception) -> bool:
    """Whether it is the database that failed, and not the job."""
    if isinstance(problem, PyMongoError):
        return isinstance(problem, ConnectionFailure) or problem.timeout
    return isinstance(problem, TryLater)


def _words(problem: Exception) -> str:
    return str(problem) if isinstance(problem, Retry) else f"{type(problem).__name__}: {problem}"
