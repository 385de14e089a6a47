"""Which sessions go on."""

from datetime import datetime

from services.intake import store
from services.intake.domain.sessions import SessionRecord, goes_on
from shared.storage.reader import Reader


def find_going_on(reader: Reader, id: str, deed: datetime, now: datetime) -> SessionRecord | None:
    """The session of that id if it may be renewed, else None."""
    record = store.find_session(reader, id)
    return record if goes_on(record, deed, now) else None
