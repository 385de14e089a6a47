"""What a user of the database is refused, tried on the database itself."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

from shared.storage.reader import Doc

UNAUTHORISED = 13
ROW = {"_id": "rights"}
CALLS: Mapping[str, Callable[[Database[Any], str], object]] = {
    "find": lambda db, name: db[name].find_one(),
    "insert": lambda db, name: db[name].insert_one({}),
    "update": lambda db, name: db[name].update_one(ROW, {"$set": {"there": 1}}),
    "replace": lambda db, name: db[name].replace_one(ROW, {}),
    "change and give": lambda db, name: db[name].find_one_and_update(ROW, {"$set": {"there": 1}}),
    "update or insert": lambda db, name: db[name].update_one(ROW, {"$set": {"there": 1}}, upsert=True),
    "merge": lambda db, name: db[name].aggregate([{"$match": ROW}, {"$merge": {"into": name}}]),
    "overwrite": lambda db, name: db[name].aggregate([{"$match": ROW}, {"$out": name}]),
    "remove": lambda db, name: db[name].delete_one(ROW),
    "take": lambda db, name: db[name].find_one_and_delete(ROW),
    "drop": lambda db, name: db[name].drop(),
    "rename": lambda db, name: db[name].rename(f"{name}_old"),
    "index": lambda db, name: db[name].create_index("at", expireAfterSeconds=0),
    "expire": lambda db, name: db.command("collMod", name, validator={}),
    "cap": lambda db, name: db.command("convertToCapped", name, size=4096),
}
"""Every way to read or write a collection, or to lose what is in it."""
READING_AND_ADDING = frozenset({"find", "insert"})


def refused(db: Database[Doc], collection: str) -> frozenset[str]:
    """The calls that the database's own rights refuse to this user."""
    return frozenset(_refused(db, collection))


def _refused(db: Database[Doc], collection: str) -> Iterator[str]:
    for name, call in CALLS.items():
        try:
            call(db, collection)
        except OperationFailure as problem:
            if problem.code == UNAUTHORISED:
                yield name
