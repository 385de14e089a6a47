"""Replicas of intake's data, each as of the last event about it."""

from collections.abc import Iterable

from services.review.domain import Participation
from shared.instrument import Edition
from shared.messaging.inbox import MissingDependency
from shared.replicas import editions
from shared.storage.documents import from_document
from shared.storage.reader import Reader


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


def known_agencies(reader: Reader, ids: Iterable[str]) -> frozenset[str]:
    """Those of these agencies of which an event came."""
    return frozenset(id for id in ids if reader.get("agencies", id) is not None)
