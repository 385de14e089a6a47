"""The queue of jobs: work that a command asks for and that is done outside of any transaction, one row each.

A row of the collection `jobs` is {_id: "<kind>:<key>", kind, group, state, due, attempts, token, runner, lease_until,
error, payload, correlation, trace}, and `done_at` when it is done. Its state is `waiting` (no attempt failed), `retry`
(the last attempt failed, the next one is due), `running` (by `runner`, leased until `lease_until`), `done` or `dead`
(given up).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.core.errors import Conflict, NotFound
from shared.core.ids import utcnow
from shared.storage.mongo import Store
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

PENDING = ("waiting", "retry")
"""The states of a job that is to be run once it is due."""
COUNTED = (*PENDING, "running", "dead")
MAX_RESCHEDULED = 1000


class Retry(Exception):
    """The attempt failed: try again by the job's schedule, and not before `seconds` have passed."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Defer(Exception):
    """The job's turn has not come: run it after `seconds`; no attempt is counted."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Skip(Exception):
    """There is nothing to do: the job is done without an attempt."""


class Fail(Exception):
    """The job can never succeed as it is: it is dead at once, until somebody retries it."""


@dataclass(frozen=True)
class Job:
    """How one kind of job is done.

    `work(store, row)` runs outside of any transaction, may run more than once, and must end well within
    `attempt_seconds`: from then on another runner may begin it anew. `schedule` gives the seconds before each further
    attempt; `group_limit` bounds how many jobs of one group run at once, over all processes (0: no bound);
    `on_dead(store, row)` is called, at least once, before a job is dead.
    `on_retry(tx, row)` and `on_drop(tx, row, reason)` run when a person retries or drops one, in the same transaction.
    """

    work: Callable[[Store, Doc], None]
    schedule: tuple[float, ...] = (5, 30, 120, 600, 3600)
    attempt_seconds: float = 60.0
    group_limit: int = 0
    on_dead: Callable[[Store, Doc], None] | None = None
    on_retry: Callable[[Transaction, Doc], None] | None = None
    on_drop: Callable[[Transaction, Doc, str], None] | None = None


def add(
    tx: Transaction,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    group: str = "",
    due: datetime | None = None,
) -> None:
    """Add a job in the command's own transaction; `kind` and `key` together name it as long as it is kept.

    Conflict when there is one of that name.
    """
    tx.insert(
        "jobs",
        {
            "_id": f"{kind}:{key}",
            "kind": kind,
            "group": group,
            "state": "waiting",
            "due": due or tx.now,
            "attempts": 0,
            "token": None,
            "runner": None,
            "lease_until": None,
            "error": None,
            "payload": dict(payload),
            "correlation": tx.context.correlation,
            "trace": tx.context.trace,
        },
    )


def reschedule_now(tx: Transaction, kind: str, group: str) -> None:
    """Make a group's later jobs due now, with all their attempts before them: MAX_RESCHEDULED, the earliest first."""
    later = {"kind": kind, "group": group, "state": {"$in": PENDING}, "due": {"$gt": tx.now}}
    for row in tx.find("jobs", later, [("due", 1)], MAX_RESCHEDULED):
        tx.put("jobs", {**row, "due": tx.now, "attempts": 0})


def retry(tx: Transaction, id: str, kinds: Mapping[str, Job]) -> None:
    """Make a job due at once that waits, is to be tried again or is dead, with all its attempts before it, in writing.

    NotFound when there is no such job, Conflict when it is running or done.
    """
    row = _require_idle(tx, id)
    if row["state"] == "done":
        raise Conflict(f"The job {id} is done: there is nothing to retry.", "job-done")
    state = "retry" if row["state"] == "dead" else row["state"]
    tx.put("jobs", {**row, "state": state, "due": tx.now, "attempts": 0})
    job = kinds.get(row["kind"])
    if job and job.on_retry:
        job.on_retry(tx, row)
    tx.audit(f"job:{id}", "job.retried", state=row["state"], attempts=row["attempts"])


def drop(tx: Transaction, id: str, kinds: Mapping[str, Job], reason: str) -> None:
    """Delete a job for good, and write down why; NotFound when there is none, Conflict when it is running."""
    row = _require_idle(tx, id)
    tx.delete("jobs", id)
    job = kinds.get(row["kind"])
    if job and job.on_drop:
        job.on_drop(tx, row, reason)
    tx.audit(f"job:{id}", "job.dropped", state=row["state"], attempts=row["attempts"], reason=reason)


def _require_idle(tx: Transaction, id: str) -> Doc:
    row = tx.get("jobs", id)
    if row is None:
        raise NotFound(f"There is no job {id}; `nilai jobs {tx.context.service} list` shows what there is.")
    if row["state"] == "running":
        raise Conflict(f"The job {id} is running: wait until its attempt has ended.", "job-running")
    return row


def count(reader: Reader, kinds: Iterable[str]) -> dict[tuple[str, str], int]:
    """How many jobs there are by (kind, state), zeros included; done ones are not counted."""
    names = list(kinds)
    counts = {(kind, state): 0 for kind in names for state in COUNTED}
    where = {"state": {"$in": COUNTED}, "kind": {"$in": names}}
    pair = {"_id": {"kind": "$kind", "state": "$state"}, "count": {"$sum": 1}}
    for row in reader.aggregate("jobs", [{"$match": where}, {"$group": pair}]):
        counts[row["_id"]["kind"], row["_id"]["state"]] = row["count"]
    return counts


def purge(store: Store, days: float) -> int:
    """Delete the jobs that were done more than so many days ago; gives their number."""
    before = utcnow() - timedelta(days=days)
    return store.db["jobs"].delete_many({"state": "done", "done_at": {"$lt": before}}).deleted_count
