"""The keys of the rows that say of an event whether it was handled or is deferred."""

import re

from pymongo.database import Database

from shared.events import contracts
from shared.messaging.deferred import DEFERRED_EVENTS
from shared.storage.reader import Doc

_KEYED = re.compile("@/nilai/")


def key_by_source(db: Database[Doc]) -> None:
    """Give the rows of Nilai 0.2, which have an event's id alone, the key of their event; again is harmless."""
    producers = {contract.type: contract.producer for contract in contracts()}
    older = {"type": {"$in": sorted(producers)}, "_id": {"$not": _KEYED}}
    sources = [
        {"case": {"$eq": ["$type", type]}, "then": f"@/nilai/{producer}"}
        for type, producer in producers.items()
    ]
    keyed = {"$set": {"_id": {"$concat": ["$_id", {"$switch": {"branches": sources}}]}}}
    for name in ("inbox", DEFERRED_EVENTS):
        merged = {"$merge": {"into": name, "whenMatched": "keepExisting"}}
        db[name].aggregate([{"$match": older}, keyed, merged])
        db[name].delete_many(older)
