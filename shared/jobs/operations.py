"""What an operator does with jobs: list them, look at one; `queue` retries and drops them."""

from collections.abc import Collection

from shared.core.errors import NotFound
from shared.jobs.queue import COUNTED
from shared.storage.reader import Doc, Reader

STATES = (*COUNTED, "done")


def find_all(reader: Reader, states: Collection[str], limit: int = 0, after: str = "") -> list[Doc]:
    """The jobs in one of these states by id; one more than `limit`, where that is not 0."""
    where = {"state": {"$in": sorted(states)}, "_id": {"$gt": after}}
    return reader.find("jobs", where, [("_id", 1)], limit and limit + 1)


def require(reader: Reader, id: str) -> Doc:
    """One job; NotFound when there is none, or none any more."""
    doc = reader.get("jobs", id)
    if doc is None:
        raise NotFound(f"There is no job {id}: it was dropped, done long ago, or never asked for.")
    return doc


def dead_ids(reader: Reader) -> list[str]:
    """The ids of the jobs that were given up."""
    return [doc["_id"] for doc in reader.find("jobs", {"state": "dead"}, [("_id", 1)], fields=["_id"])]


def count(reader: Reader) -> dict[str, int]:
    """How many jobs of whatever kind there are in each state, zeros included; done ones are not counted."""
    group = {"_id": "$state", "count": {"$sum": 1}}
    rows = reader.aggregate("jobs", [{"$match": {"state": {"$in": COUNTED}}}, {"$group": group}])
    return dict.fromkeys(COUNTED, 0) | {row["_id"]: row["count"] for row in rows}
