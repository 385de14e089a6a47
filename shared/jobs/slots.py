"""Slots: how many jobs of one group run at once, over all processes."""

from collections.abc import Iterable, Iterator

from pymongo.errors import DuplicateKeyError

from shared.core.ids import new_id, utcnow
from shared.jobs.leases import LEASE
from shared.jobs.queue import Job
from shared.storage.leases import expired
from shared.storage.mongo import Store


class Slots:
    """The slots that a runner takes: rows {_id: "<kind>|<group>|<number>", token, runner, until}, leased like jobs."""

    def __init__(self, store: Store, runner: str) -> None:
        self._rows = store.db["slots"]
        self._runner = runner

    def take(self, kind: str, job: Job, groups: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Take free slots of these groups, in their order, one whenever the next is asked for: (group, token)."""
        held = {"$nor": expired("until", utcnow(), LEASE)}
        taken = {row["_id"] for row in self._rows.find(held, {"_id": 1})}
        for group in groups:
            for number in range(job.group_limit):
                slot, token = f"{kind}|{group}|{number}", new_id()
                if slot not in taken and self._take(slot, token):
                    yield group, token

    def _take(self, slot: str, token: str) -> bool:
        now = utcnow()
        free = {"_id": slot, "$or": expired("until", now, LEASE)}
        taken = {"until": now + LEASE, "token": token, "runner": self._runner}
        try:
            self._rows.update_one(free, {"$set": taken}, upsert=True)
        except DuplicateKeyError:  # somebody else was faster
            return False
        return True

    def release(self, token: str) -> None:
        """Give back the slot that was taken under this token, if there is one."""
        self._rows.delete_one({"token": token})
