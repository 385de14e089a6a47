"""Short leases on jobs and their slots: renewed while their runner lives, given back once it is known to be dead."""

import os
import socket
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from shared.core.ids import utcnow
from shared.jobs.queue import Job
from shared.storage.leases import expired
from shared.storage.mongo import Store
from shared.storage.reader import Doc

LEASE = timedelta(seconds=5)
RENEW_SECONDS = LEASE.total_seconds() / 3
AT_ONCE = 3
"""As often is a job done again at once after its process died; from then on its schedule gives the pauses."""


def name_of(pid: int) -> str:
    """The name of a process of this host that none other ever has: HOST:PID:START; without a start when it is dead."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return f"{socket.gethostname()}:{pid}:"
    state, *fields = stat.rpartition(")")[2].split()
    return f"{socket.gethostname()}:{pid}:{'' if state in 'ZX' else fields[18]}"


def is_dead(runner: str) -> bool:
    """Whether a runner is a process of this host that lives no more; of another host's nothing is known."""
    host, _, process = runner.rpartition(":")[0].rpartition(":")
    return host == socket.gethostname() and runner != name_of(int(process))


class Leases:
    """The leases on jobs (`lease_until`) and slots (`until`), each under a token, of one runner and of dead ones."""

    def __init__(self, store: Store) -> None:
        self._jobs, self._slots = store.db["jobs"], store.db["slots"]
        self._mine: dict[str, tuple[str, float]] = {}
        self._renew_at = 0.0
        self.runner = name_of(os.getpid())

    def begin(self, row: Doc, job: Job) -> None:
        """Renew the lease of a job that was claimed, for as long as an attempt may take, until `end`."""
        self._mine[row["token"]] = (row["_id"], time.monotonic() + job.attempt_seconds)

    def end(self, token: str) -> None:
        """Renew it no more."""
        self._mine.pop(token, None)

    def renew(self) -> None:
        """Renew all that is held, every RENEW_SECONDS; what somebody else has meanwhile stays theirs."""
        now = time.monotonic()
        if now < self._renew_at:
            return
        self._renew_at = now + RENEW_SECONDS
        held = {token: id for token, (id, until) in list(self._mine.items()) if now < until}
        if held:
            until, mine = utcnow() + LEASE, {"token": {"$in": list(held)}}
            self._jobs.update_many(
                {"_id": {"$in": list(held.values())}, **mine}, {"$set": {"lease_until": until}}
            )
            self._slots.update_many(mine, {"$set": {"until": until}})

    def reclaim(self, kinds: Iterable[tuple[str, Job]]) -> None:
        """Give back to the queue what a runner held that is dead, or whose lease has expired."""
        dead = [
            name for name in self._jobs.distinct("runner", {"state": "running"}) if name and is_dead(name)
        ]
        self._slots.delete_many({"runner": {"$in": dead}})
        over = [*expired("lease_until", utcnow(), LEASE), {"runner": {"$in": dead}}]
        for kind, job in kinds:
            for row in self._jobs.find({"state": "running", "kind": kind, "$or": over}):
                again = {
                    "state": "retry",
                    "token": None,
                    "due": utcnow() + _pause(row["attempts"], job.schedule),
                }
                own = {"_id": row["_id"], "token": row["token"]}
                self._jobs.update_one(own, {"$set": again, "$inc": {"rev": 1}})


def _pause(attempts: int, schedule: Sequence[float]) -> timedelta:
    """The pause before an attempt after one that never ended: what ends every process must not do so for ever."""
    later = min(attempts - AT_ONCE, len(schedule)) - 1
    return timedelta(seconds=schedule[later] if later >= 0 else 0)
