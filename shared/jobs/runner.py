"""The runner: claims due jobs, makes their attempts on some threads, and writes down how each ended."""

import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from threading import Event
from typing import Any, TypeVar

import pymongo
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from shared.core import telemetry
from shared.core.ids import new_id, utcnow
from shared.jobs.fairness import FairScheduler
from shared.jobs.leases import LEASE, Leases
from shared.jobs.queue import PENDING, Defer, Fail, Job, Retry, Skip
from shared.jobs.slots import Slots
from shared.storage.mongo import COMMAND_SECONDS, Store, is_unavailable
from shared.storage.reader import Doc

THREADS = 32
IDLE_SECONDS = 0.1
RECLAIM_SECONDS = 1.0
UNAVAILABLE_SECONDS = 5.0
CLAIM_SECONDS = 5.0
JITTER = 0.2
"""The part of a schedule's seconds by which a wait may be shorter or longer."""

NEVER_ENDED = "the process died or the lease expired in every attempt"

T = TypeVar("T")

log = telemetry.logger(__name__)


class Runner:
    """Runs the jobs of one service on some threads, one row at a time in each."""

    def __init__(self, store: Store, kinds: Mapping[str, Job], threads: int = THREADS) -> None:
        self._store = store
        self._kinds = kinds
        self._threads = threads
        self._jobs = store.db["jobs"]
        self._leases = Leases(store)
        self._slots = Slots(store, self._leases.runner)
        self._scheduler = FairScheduler(threads)
        self._reclaim_at = 0.0

    def run(self, stop: Event) -> None:
        """Claim and run jobs until `stop`; the running ones are finished before this returns."""
        running: set[Future[None]] = set()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="job") as pool:
            while running or not stop.is_set():
                self._if_available(self._leases.renew)
                free = len(running) < self._threads and not stop.is_set()
                row = self._if_available(self._claim_next) if free else None
                if row is not None:
                    running.add(pool.submit(self._attempt, row))
                elif running:
                    wait(running, IDLE_SECONDS, FIRST_COMPLETED)
                else:
                    stop.wait(IDLE_SECONDS)
                running = {future for future in running if not future.done()}

    def run_due(self) -> int:
        """Run all that is due, here and now; gives how many jobs were claimed."""
        count = 0
        while (row := self._claim_next()) is not None:
            self._attempt(row)
            count += 1
        return count

    # claiming

    def _if_available(self, ask: Callable[[], T]) -> T | None:
        """What the database says, or None when it does not answer."""
        try:
            with pymongo.timeout(CLAIM_SECONDS):
                return ask()
        except PyMongoError as problem:
            if not is_unavailable(problem):
                raise
            log.warning("database unavailable", extra={"problem": repr(problem)})
            return None

    def _claim_next(self) -> Doc | None:
        self._reclaim()
        for kind in random.sample(list(self._kinds), len(self._kinds)):
            job = self._kinds[kind]
            row = self._claim_grouped(kind, job) if job.group_limit else self._claim(kind, new_id())
            if row is not None:
                self._leases.begin(row, job)
                return row
        return None

    def _reclaim(self) -> None:
        """Give the jobs that nobody does any more back to the queue."""
        if time.monotonic() >= self._reclaim_at:
            self._reclaim_at = time.monotonic() + RECLAIM_SECONDS
            self._leases.reclaim(self._kinds.items())

    def _claim(self, kind: str, token: str, group: str | None = None) -> Doc | None:
        now = utcnow()
        where = _due(kind, now) if group is None else _due(kind, now) | {"group": group}
        runner = self._leases.runner
        lease = {"state": "running", "token": token, "runner": runner, "lease_until": now + LEASE}
        return self._jobs.find_one_and_update(
            where,
            {"$set": lease, "$inc": {"attempts": 1, "rev": 1}},
            sort=[("due", 1)],
            return_document=ReturnDocument.AFTER,
        )

    def _claim_grouped(self, kind: str, job: Job) -> Doc | None:
        """Take a slot and then a job of its group."""
        groups = self._scheduler.admit(self._jobs.distinct("group", _due(kind, utcnow())))
        for group, token in self._slots.take(kind, job, groups):
            row = self._claim(kind, token, group)
            if row is not None:
                self._scheduler.begin(token, group)
                return row
            self._slots.release(token)
        return None

    # running

    def _attempt(self, row: Doc) -> None:
        """Run one job; where even its end cannot be written down, its lease expires and it is claimed again."""
        job = self._kinds[row["kind"]]
        with telemetry.about(row.get("correlation"), row.get("trace")):
            try:
                self._run(job, row)
                if job.group_limit:
                    self._slots.release(row["token"])
            except Exception:
                telemetry.JOB_ATTEMPTS.labels(row["kind"], "abandoned").inc()
                log.exception("job abandoned until its lease expires", extra={"job": row["_id"]})
            finally:
                self._leases.end(row["token"])
                self._scheduler.end(row["token"], done=False)

    def _run(self, job: Job, row: Doc) -> None:
        if row["attempts"] > len(job.schedule) + 1:
            self._give_up(job, row, row["error"] or NEVER_ENDED)
            return
        try:
            job.work(self._store, row)
            self._scheduler.end(row["token"], done=True)
        except Skip:
            self._scheduler.drop(row["token"])
        except Fail as problem:
            self._give_up(job, row, str(problem))
            return
        except Exception as problem:
            self._put_back(job, row, problem)
            return
        self._settle(row, "done", state="done", error=None, done_at=utcnow())

    def _put_back(self, job: Job, row: Doc, problem: Exception) -> None:
        """Defer the job, retry it by its schedule, or give it up after the last attempt."""
        if isinstance(problem, Defer) or is_unavailable(problem):
            self._defer(row, problem)
        elif row["attempts"] > len(job.schedule):
            self._give_up(job, row, _reason(problem))
        else:
            self._retry(job, row, problem)

    def _defer(self, row: Doc, problem: Exception) -> None:
        self._scheduler.drop(row["token"])
        attempts = row["attempts"] - 1
        seconds = problem.seconds if isinstance(problem, Defer) else UNAVAILABLE_SECONDS
        error = _reason(problem)
        log.warning("job deferred", extra={"job": row["_id"], "seconds": seconds, "error": error})
        state = "retry" if attempts else "waiting"
        self._settle(row, "deferred", state=state, attempts=attempts, due=_after(seconds), error=error)

    def _retry(self, job: Job, row: Doc, problem: Exception) -> None:
        expected = isinstance(problem, Retry)
        least = problem.seconds if isinstance(problem, Retry) else 0.0
        seconds = max(job.schedule[row["attempts"] - 1] * random.uniform(1 - JITTER, 1 + JITTER), least)
        error = _reason(problem)
        extra = {"job": row["_id"], "attempts": row["attempts"], "seconds": seconds, "error": error}
        log.warning("job failed, will retry", extra=extra, exc_info=None if expected else problem)
        self._settle(row, "retry", state="retry", due=_after(seconds), error=error)

    def _give_up(self, job: Job, row: Doc, error: str) -> None:
        log.error("job dead", extra={"job": row["_id"], "attempts": row["attempts"], "error": error})
        if job.on_dead is not None:
            job.on_dead(self._store, row | {"error": error})
        self._settle(row, "dead", state="dead", error=error)

    def _settle(self, row: Doc, outcome: str, **fields: Any) -> None:
        """End the lease, unless somebody else has claimed the job meanwhile."""
        telemetry.JOB_ATTEMPTS.labels(row["kind"], outcome).inc()
        own = {"_id": row["_id"], "token": row["token"]}
        change = {"$set": {"token": None, "runner": None, "lease_until": None, **fields}, "$inc": {"rev": 1}}
        with pymongo.timeout(COMMAND_SECONDS):
            settled = self._jobs.update_one(own, change)
        if not settled.matched_count:
            log.warning("job took longer than its lease", extra={"job": row["_id"]})


def _due(kind: str, now: datetime) -> Doc:
    return {"kind": kind, "state": {"$in": PENDING}, "due": {"$lte": now}}


def _after(seconds: float) -> datetime:
    return utcnow() + timedelta(seconds=seconds)


def _reason(problem: Exception) -> str:
    return str(problem) if isinstance(problem, (Retry, Defer)) else f"{type(problem).__name__}: {problem}"
