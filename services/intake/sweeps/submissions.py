"""Submissions whose time for bytes is over."""

from services.intake import commands, queries
from shared.core import telemetry
from shared.storage.mongo import Store
from shared.worker import Sweep

log = telemetry.logger(__name__)


def complete_overdue(database: Store) -> None:
    """Complete the submissions whose last bytes did not come in time."""
    late = database.query(queries.list_overdue)
    done = [id for id in late if database.run(commands.complete_overdue, id)]
    if done:
        log.info("submissions completed without all their bytes", extra={"count": len(done)})


SWEEPS = {"submissions": Sweep(5, complete_overdue)}
