"""Who is there: written to one member of the replica set and read from it, since losing it does no harm."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.intake.domain.presence import LASTS, Presence
from shared.storage.documents import from_document, to_document
from shared.storage.reader import Doc

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "presences": (
        IndexModel([("at", 1)], expireAfterSeconds=int(LASTS.total_seconds())),
        IndexModel([("participation", 1), ("at", -1)]),
    )
}
MOST = 100
"""People of one agency who are shown."""


def note(db: Database[Doc], presence: Presence) -> None:
    """Keep that somebody is there."""
    doc = to_document(presence)
    _own(db)["presences"].update_one({"_id": doc["_id"]}, {"$set": doc}, upsert=True)


def list_present(db: Database[Doc], participation: str) -> list[Presence]:
    """Who was there last, the latest first."""
    found = _own(db)["presences"].find({"participation": participation}).sort("at", -1).limit(MOST)
    return [from_document(Presence, row) for row in found]


def _own(db: Database[Doc]) -> Database[Doc]:
    return db.client.get_database(db.name, write_concern=WriteConcern(1), read_concern=ReadConcern("local"))
