"""The fenced lease of a PATCH on its upload: one request at a time writes, and another can go on after it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database

from services.intake.domain import IDLE, LeaseLost, Upload, refuse_lease
from shared.core.ids import utcnow
from shared.storage.documents import from_document
from shared.storage.mongo import with_timeout
from shared.storage.reader import Doc

LEASE_SECONDS = 4.0
"""How long the upload of a process that died is held: clients give up after some nine seconds, so much shorter."""
RENEW_SECONDS = 1.0


class UploadLease:
    """The lease of one PATCH on its upload; every step is one compare-and-set, written with majority."""

    def __init__(self, uploads: Collection[Doc], upload: Upload, length: timedelta) -> None:
        self.upload = upload
        self._uploads, self._length = uploads, length
        self._renewed = time.monotonic()
        self.offset = upload.offset

    def advance(self, to: int) -> Upload:
        """Acknowledge every byte before an offset, and give the upload so; LeaseLost when another PATCH has it.

        Never the file's last byte: that one is acknowledged together with the ownership.
        """
        self._renewed = time.monotonic()
        self.offset = min(to, self.upload.length - 1)
        return replace(self.upload, offset=self.offset, expires=self._set(self.offset, self._length))

    def renew(self, to: int = 0) -> None:
        """Now and then keep the lease, and acknowledge the bytes before `to`."""
        if time.monotonic() - self._renewed >= RENEW_SECONDS:
            self.advance(max(to, self.offset))

    def let_go(self, to: int = 0) -> None:
        """Acknowledge the bytes before `to`, and let any other PATCH have the upload; LeaseLost once one has it."""
        self.offset = max(min(to, self.upload.length - 1), self.offset)
        self._set(self.offset, timedelta())
        self._renewed = -RENEW_SECONDS

    @with_timeout()
    def release(self) -> None:
        """Let the next request take the upload at once."""
        self._uploads.update_one(self._own(), {"$set": {"lease_until": utcnow()}, "$inc": {"rev": 1}})

    @with_timeout()
    def _set(self, offset: int, length: timedelta) -> datetime:
        now = utcnow()
        changes = {"offset": offset, "lease_until": now + length, "expires": now + IDLE}
        result = self._uploads.update_one(
            {**self._own(), "state": "open"}, {"$set": changes, "$inc": {"rev": 1}}
        )
        if result.matched_count == 0:
            raise LeaseLost("This upload ended, or another request went on with it: ask for its offset.")
        return now + IDLE

    def _own(self) -> Doc:
        return {"_id": self.upload.id, "fence": self.upload.fence}


class UploadLeases:
    """Leases the uploads of a database, each to one PATCH at a time."""

    def __init__(self, db: Database[Doc], seconds: float = LEASE_SECONDS) -> None:
        self._uploads = db["uploads"]
        self._length = timedelta(seconds=seconds)

    @contextmanager
    def acquire(self, id: str, offset: int) -> Iterator[UploadLease]:
        """Lease an upload at that offset, and release it; Locked, Conflict or Gone when it cannot be had."""
        lease = UploadLease(self._uploads, self._acquire(id, offset), self._length)
        try:
            yield lease
        finally:
            lease.release()

    @with_timeout()
    def _acquire(self, id: str, offset: int) -> Upload:
        now = utcnow()
        free = {
            "_id": id,
            "state": "open",
            "offset": offset,
            "lease_until": {"$lte": now},
            "expires": {"$gt": now},
        }
        leased = {"lease_until": now + self._length, "expires": now + IDLE}
        doc = self._uploads.find_one_and_update(
            free, {"$set": leased, "$inc": {"fence": 1, "rev": 1}}, return_document=ReturnDocument.AFTER
        )
        if doc is None:
            doc = self._uploads.find_one({"_id": id})
            refuse_lease(from_document(Upload, doc) if doc else None, offset, now)
        return from_document(Upload, doc)
