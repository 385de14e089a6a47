"""What runs by the clock: uploads that nobody goes on with, bytes that nobody owns, chunks of neither."""

from datetime import timedelta
from functools import partial

from services.intake import commands, store
from services.intake.blobs.chunks import ChunkStore
from services.intake.commands import discarding
from services.intake.commands.discarding import AT_ONCE, each
from shared.core import telemetry
from shared.storage.mongo import Store
from shared.worker import Sweep

ORPHAN_AGE = timedelta(minutes=10)
"""Longer than a PATCH that has lost its lease can go on writing."""

log = telemetry.logger(__name__)


def expire_uploads(database: Store) -> None:
    """End the uploads that have waited too long."""
    waiting = each(partial(database.query, store.list_idle_uploads, AT_ONCE))
    _log("uploads expired", sum(database.run(commands.expire_upload, id) for id in waiting))


def release_files(database: Store) -> None:
    """Delete what was unlinked, may not be taken back any more, and nobody owns."""
    _log("files released", discarding.release_files(database))


def delete_unowned_blobs(database: Store) -> None:
    """Delete the blobs that no agency owns, should one have been overlooked."""
    unowned = each(partial(database.query, store.list_unowned_blobs, AT_ONCE))
    _log("blobs deleted", sum(database.run(commands.delete_blob, sha256) for sha256 in unowned))


def delete_orphaned_chunks(database: Store, age: timedelta = ORPHAN_AGE) -> None:
    """Delete the chunks that belong to nothing any more: once soon, and once when none can come any more."""
    chunks = ChunkStore(database.db)
    _log("chunks deleted", discarding.delete_discarded(database))
    for upload in each(partial(database.query, store.list_orphans, age, AT_ONCE)):
        _log("chunks deleted", chunks.delete(upload))
        database.run(commands.delete_orphan, upload)


def _log(what: str, count: int) -> None:
    if count:
        log.info(what, extra={"count": count})


SWEEPS = {
    "uploads": Sweep(60, expire_uploads),
    "released_files": Sweep(2, release_files),
    "orphaned_chunks": Sweep(2, delete_orphaned_chunks),
    "blobs": Sweep(3600, delete_unowned_blobs),
}
