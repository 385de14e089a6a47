"""Leases: at most one holder at a time of a named duty, lost when it is not renewed."""

from datetime import datetime, timedelta

import pymongo
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.core import telemetry
from shared.core.ids import new_id, utcnow
from shared.storage.mongo import Store
from shared.storage.reader import Doc

ANSWER_SECONDS = 5.0
RELEASE_SECONDS = 1.0
SKEW = timedelta(minutes=1)

log = telemetry.logger(__name__)


def expired(field: str, now: datetime, length: timedelta) -> list[Doc]:
    """The conditions, of which one holds, for a lease of this length to have expired, by the field that says when.

    One that ends later than any could was given by a clock that has been set back since.
    """
    return [{field: {"$lt": now}}, {field: {"$gt": now + length + SKEW}}]


class Lease:
    """One duty of one service, such as publishing its outbox, that one thread of one process asks for."""

    def __init__(self, store: Store, duty: str, seconds: float = 5.0) -> None:
        self._store = store
        self._duty = duty
        self._length = timedelta(seconds=seconds)
        self._holder = new_id()

    def acquire(self) -> bool:
        """Take or renew the lease; False while another holds it. PyMongoError when the database is unavailable."""
        now = utcnow()
        mine = {"_id": self._duty, "$or": [{"holder": self._holder}, *expired("until", now, self._length)]}
        change = {"$set": {"holder": self._holder, "until": now + self._length}}
        try:
            with pymongo.timeout(ANSWER_SECONDS):
                self._store.db["leases"].find_one_and_update(
                    mine, change, upsert=True, return_document=ReturnDocument.AFTER
                )
        except DuplicateKeyError:
            return False
        return True

    def release(self) -> None:
        """Let somebody else take over at once; while the database is unavailable, when the lease expires."""
        try:
            with pymongo.timeout(RELEASE_SECONDS):
                self._store.db["leases"].delete_one({"_id": self._duty, "holder": self._holder})
        except PyMongoError as problem:
            log.warning(
                "lease not released, it expires", extra={"duty": self._duty, "problem": repr(problem)}
            )
