"""What is looked after: uploads that nobody goes on with, bytes that nobody possesses, chunks of neither."""

from datetime import timedelta

from services.intake.evidence import commands, store
from services.intake.evidence.chunks import Shelf
from shared.core import telemetry
from shared.storage.mongo import Store
from shared.worker import Sweep

AT_ONCE = 200
LITTER_AGE = timedelta(minutes=10)
"""Longer than a PATCH that has lost its lease can go on writing."""

log = telemetry.logger(__name__)


def expire_uploads(of: Store) -> None:
    """End the uploads that have waited too long."""
    gone = [id for id in of.query(store.idle, AT_ONCE) if of.run(commands.expire, id)]
    _say("uploads expired", len(gone))


def drop_blobs(of: Store) -> None:
    """Let the bytes go that no agency possesses."""
    gone = [sha256 for sha256 in of.query(store.unpossessed, AT_ONCE) if of.run(commands.drop_blob, sha256)]
    _say("blobs dropped", len(gone))


def sweep_litter(of: Store, age: timedelta = LITTER_AGE) -> None:
    """Delete the chunks that belong to nothing any more."""
    shelf = Shelf(of.db)
    for upload in of.query(store.litter, age, AT_ONCE):
        _say("chunks deleted", shelf.drop(upload))
        of.run(commands.swept, upload)


def _say(what: str, count: int) -> None:
    if count:
        log.info(what, extra={"count": count})


SWEEPS = {
    "uploads": Sweep(60, expire_uploads),
    "blobs": Sweep(3600, drop_blobs),
    "litter": Sweep(300, sweep_litter),
}
