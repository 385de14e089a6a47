"""Which sessions go on."""

from datetime import datetime

from services.intake import store
from services.intake.domain.sessions import SessionRecord, goes_on
from shared.replicas import members
from shared.storage.reader import Reader


def find_id(reader: Reader, issuer: str, subject: str, now: datetime) -> str:
    """Under which id somebody is known, or would be."""
    return members.find_caller(reader, issuer, subject, now).id


def find_going_on(reader: Reader, id: str, deed: datetime, now: datetime) -> SessionRecord | None:
    """The session of that id if it may be renewed, else None."""
    record = store.find_session(reader, id)
    return record if goes_on(record, deed, now) else None
