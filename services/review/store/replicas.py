"""Replicas of intake's data, each as of the last event about it."""

import re
from collections.abc import Iterable, Sequence

from services.review.domain import Cycle, Participation
from shared.instrument import Edition
from shared.instrument.given import KnownIndex
from shared.messaging.inbox import MissingDependency
from shared.replicas import editions
from shared.storage.documents import from_document
from shared.storage.reader import Doc, Reader


def require_edition(reader: Reader, id: str, hash: str | None = None) -> Edition:
    """An edition, read and built once per process, found by its hash when that is known; raises MissingDependency."""
    return editions.require(reader, id, hash)[0]


def require_participation(reader: Reader, id: str, sequence: int = 0) -> Participation:
    """An agency's part in a cycle, as of that event about it or a later one; raises MissingDependency."""
    doc = reader.get("participations", id)
    if doc is None or doc["sequence"] < sequence:
        raise MissingDependency(f"participation:{id}")
    return from_document(Participation, doc)


def require_agency(reader: Reader, id: str) -> None:
    """Raise MissingDependency when no event of this agency came yet."""
    if not known_agencies(reader, [id]):
        raise MissingDependency(f"agency:{id}")


def agency_names(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """The names of those of these agencies of which an event came, by id."""
    return {doc["_id"]: doc["name"] for doc in reader.find("agencies", {"_id": {"$in": sorted(ids)}})}


def list_agency_names(reader: Reader) -> Sequence[tuple[str, str]]:
    """Every agency with its name, by name."""
    names = {doc["_id"]: doc["name"] for doc in reader.find("agencies", {}, fields=["name"])}
    return sorted(names.items(), key=lambda one: one[1].casefold())


def list_agencies_named(reader: Reader, words: Sequence[str]) -> frozenset[str]:
    """The agencies whose name or id says every word, whatever its case."""
    rows = reader.find("agencies", {"$and": says(words, "name", "_id")}, fields=["_id"])
    return frozenset(row["_id"] for row in rows)


def require_cycle(reader: Reader, id: str) -> Cycle:
    """A cycle; raises MissingDependency when no event of it came yet."""
    doc = reader.get("cycles", id)
    if doc is None:
        raise MissingDependency(f"cycle:{id}")
    return from_document(Cycle, doc)


def list_known_indices(reader: Reader, agency: str) -> list[KnownIndex]:
    """What indices of other ministries say of an agency, as far as events of them came."""
    rows = reader.find("external_indices", {"agency": agency}, [("_id", 1)])
    return [KnownIndex(row["source"], row["year"], row["index"], row["provenance"]) for row in rows]


def list_cycles(reader: Reader) -> list[Cycle]:
    """Every cycle, the latest first."""
    return [from_document(Cycle, row) for row in reader.find("cycles", {}, [("opens", -1), ("_id", -1)])]


def says(words: Sequence[str], *fields: str) -> list[Doc]:
    """The conditions that each of the words stands in one of the fields, whatever its case."""
    patterns = [{"$regex": re.escape(word), "$options": "i"} for word in words]
    return [{"$or": [{field: pattern} for field in fields]} for pattern in patterns]


def known_agencies(reader: Reader, ids: Iterable[str]) -> frozenset[str]:
    """Those of these agencies of which an event came."""
    return frozenset(id for id in ids if reader.get("agencies", id) is not None)
