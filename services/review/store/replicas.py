"""Replicas of intake's data, each as of the last event about it."""

from collections.abc import Iterable
from typing import Any

from services.review.domain import Participation
from shared.instrument import Edition
from shared.messaging.inbox import MissingDependency, check_sequence
from shared.replicas import editions
from shared.storage.documents import from_document
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction


def save_replica(tx: Transaction, collection: str, id: str, **fields: Any) -> None:
    """Keep what the event in hand says; raises Superseded when a later event about it came already."""
    sequence = check_sequence(tx, tx.get(collection, id))
    tx.put(collection, {"_id": id, **fields, "sequence": sequence})


def require_edition(reader: Reader, id: str, hash: str | None = None) -> Edition:
    """An edition, read and built once per process, found by its hash when that is known; raises MissingDependency."""
    return editions.find(reader, id, hash)[0]


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


def known_agencies(reader: Reader, ids: Iterable[str]) -> frozenset[str]:
    """Those of these agencies of which an event came."""
    return frozenset(id for id in ids if reader.get("agencies", id) is not None)
