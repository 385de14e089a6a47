"""What runs by the clock: uploads that nobody goes on with, bytes that nobody owns, chunks of neither."""

from datetime import timedelta

from services.intake import commands, store
from services.intake.blobs.chunks import ChunkStore
from shared.core import telemetry
from shared.storage.mongo import Store
from shared.worker import Sweep

AT_ONCE = 200
ORPHAN_AGE = timedelta(minutes=10)
"""Longer than a PATCH that has lost its lease can go on writing."""

log = telemetry.logger(__name__)


def expire_uploads(database: Store) -> None:
    """End the uploads that have waited too long."""
    gone = [
        id
        for id in database.query(store.list_idle_uploads, AT_ONCE)
        if database.run(commands.expire_upload, id)
    ]
    _log("uploads expired", len(gone))


def delete_unowned_blobs(database: Store) -> None:
    """Delete the blobs that no agency owns."""
    gone = [
        sha256
        for sha256 in database.query(store.list_unowned_blobs, AT_ONCE)
        if database.run(commands.delete_blob, sha256)
    ]
    _log("blobs deleted", len(gone))


def delete_orphaned_chunks(database: Store, age: timedelta = ORPHAN_AGE) -> None:
    """Delete the chunks that belong to nothing any more."""
    chunks = ChunkStore(database.db)
    for upload in database.query(store.list_orphans, age, AT_ONCE):
        _log("chunks deleted", chunks.delete(upload))
        database.run(commands.delete_orphan, upload)


def _log(what: str, count: int) -> None:
    if count:
        log.info(what, extra={"count": count})


SWEEPS = {
    "uploads": Sweep(60, expire_uploads),
    "blobs": Sweep(3600, delete_unowned_blobs),
    "orphaned_chunks": Sweep(300, delete_orphaned_chunks),
}
