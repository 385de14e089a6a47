"""Being there: a heartbeat of a browser, which is no deed and stands in no audit trail."""

from services.intake import queries
from services.intake.domain.presence import presence_of
from services.intake.store import presence
from shared.core.ids import utcnow
from shared.core.people import Caller
from shared.storage.mongo import Store, with_timeout


def note_presence(database: Store, caller: Caller, participation: str, indicator: str | None) -> None:
    """Keep for some seconds that the caller has a self-assessment open; only for the agency's own people."""
    database.query(queries.check_presence, caller, participation, indicator)
    with with_timeout():
        presence.note(database.db, presence_of(participation, caller.id, indicator, utcnow()))
