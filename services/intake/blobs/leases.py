"""The fenced lease of a PATCH on its upload: one request at a time writes, and another can go on after it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database

from services.intake.domain import IDLE, LeaseLost, Upload, check_going_on, file_not_found
from shared.core.errors import Conflict, Locked
from shared.core.ids import utcnow
from shared.storage.documents import from_document
from shared.storage.mongo import with_timeout
from shared.storage.reader import Doc

LEASE_SECONDS = 15.0
BEAT_SECONDS = 1.0


class UploadLease:
    """An upload in the hands of one PATCH; every step is one compare-and-set, written with majority."""

    def __init__(self, uploads: Collection[Doc], upload: Upload, length: timedelta) -> None:
        self.upload = upload
        self._uploads, self._length = uploads, length
        self._beaten = time.monotonic()
        self.offset = upload.offset

    def advance(self, to: int) -> Upload:
        """Acknowledge every byte before an offset, and give the upload so; LeaseLost when the upload is in other hands.

        Never the file's last byte: that one is acknowledged together with the possession.
        """
        self._beaten = time.monotonic()
        self.offset = min(to, self.upload.length - 1)
        return replace(self.upload, offset=self.offset, expires=self._set(self.offset))

    def beat(self, to: int = 0) -> None:
        """Now and then keep the lease, and acknowledge the bytes before `to`."""
        if time.monotonic() - self._beaten >= BEAT_SECONDS:
            self.advance(max(to, self.offset))

    @with_timeout()
    def give_back(self) -> None:
        """Let the next request take the upload at once."""
        self._uploads.update_one(self._mine(), {"$set": {"lease_until": utcnow()}, "$inc": {"rev": 1}})

    @with_timeout()
    def _set(self, offset: int) -> datetime:
        now = utcnow()
        changes = {"offset": offset, "lease_until": now + self._length, "expires": now + IDLE}
        found = self._uploads.update_one(
            {**self._mine(), "state": "open"}, {"$set": changes, "$inc": {"rev": 1}}
        )
        if found.matched_count == 0:
            raise LeaseLost("This upload ended, or another request went on with it: ask for its offset.")
        return now + IDLE

    def _mine(self) -> Doc:
        return {"_id": self.upload.id, "fence": self.upload.fence}


class UploadLeases:
    """Gives the uploads of a database into one hand at a time."""

    def __init__(self, db: Database[Doc], seconds: float = LEASE_SECONDS) -> None:
        self._uploads = db["uploads"]
        self._length = timedelta(seconds=seconds)

    @contextmanager
    def hold(self, id: str, offset: int) -> Iterator[UploadLease]:
        """Take an upload at that offset, and give it back; Locked, Conflict or Gone when it cannot be had."""
        hold = UploadLease(self._uploads, self._take(id, offset), self._length)
        try:
            yield hold
        finally:
            hold.give_back()

    @with_timeout()
    def _take(self, id: str, offset: int) -> Upload:
        now = utcnow()
        free = {
            "_id": id,
            "state": "open",
            "offset": offset,
            "lease_until": {"$lte": now},
            "expires": {"$gt": now},
        }
        lease = {"lease_until": now + self._length, "expires": now + IDLE}
        doc = self._uploads.find_one_and_update(
            free, {"$set": lease, "$inc": {"fence": 1, "rev": 1}}, return_document=ReturnDocument.AFTER
        )
        if doc is None:
            self._refuse(id, offset, now)
        return from_document(Upload, doc)

    @with_timeout()
    def _refuse(self, id: str, offset: int, now: datetime) -> NoReturn:
        doc = self._uploads.find_one({"_id": id})
        if doc is None:
            raise file_not_found()
        check_going_on(from_document(Upload, doc), now)
        if doc["lease_until"] > now or doc["offset"] == offset:
            raise Locked("Another request is sending bytes of this upload: ask for its offset in a moment.")
        raise Conflict(
            f"The next byte of this upload is number {doc['offset']}, not {offset}.",
            "offset-differs",
            {"offset": doc["offset"]},
        )
