"""Sessions, for a day longer than they last."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import IndexModel
from pymongo.database import Database

from services.intake.domain.sessions import SessionRecord
from shared.storage import documents
from shared.storage.documents import from_document
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "sessions": (IndexModel([("end", 1)], expireAfterSeconds=86_400), IndexModel([("ended", 1), ("end", 1)])),
}


def find_session(reader: Reader, id: str) -> SessionRecord | None:
    """A session by its id, or None."""
    row = reader.get("sessions", id)
    return from_document(SessionRecord, row) if row else None


def save_session(tx: Transaction, record: SessionRecord) -> SessionRecord:
    """Keep a session, or its end."""
    return documents.save(tx, "sessions", record)


def note_deed(db: Database[Doc], id: str, at: datetime) -> None:
    """Keep when something was done last in a session that goes on."""
    db["sessions"].update_one({"_id": id, "ended": None}, {"$max": {"deed": at}})


def list_over_sessions(reader: Reader, quiet: timedelta, limit: int) -> list[str]:
    """The ids of sessions that nobody ended and whose time is over, or in which nothing was done for so long."""
    over = {"$or": [{"end": {"$lte": reader.now}}, {"deed": {"$lte": reader.now - quiet}}]}
    rows = reader.find("sessions", {"ended": None, **over}, [("end", 1)], limit, ["_id"])
    return [row["_id"] for row in rows]
