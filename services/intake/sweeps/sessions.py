"""Sessions that nobody left: their time is over, or nothing was done for an hour."""

from functools import partial

from services.intake import commands, store
from services.intake.commands.discarding import AT_ONCE, each
from services.intake.domain.sessions import QUIET
from shared.core import telemetry
from shared.storage.mongo import Store
from shared.worker import Sweep

log = telemetry.logger(__name__)


def end_over(database: Store) -> None:
    """End the sessions whose time is over, so that the other services and the audit know."""
    over = each(partial(database.query, store.list_over_sessions, QUIET, AT_ONCE))
    if ended := sum(database.run(commands.end_over_session, id) for id in over):
        log.info("sessions ended by time", extra={"count": ended})


SWEEPS = {"sessions": Sweep(60, end_over)}
