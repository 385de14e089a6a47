"""Replicas of intake's data, each as of the last event about it."""

from typing import Any

from services.scoring.domain import Instrument
from shared.messaging.inbox import MissingDependency, check_sequence
from shared.replicas import editions
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction


def save_replica(tx: Transaction, collection: str, id: str, **fields: Any) -> None:
    """Keep what the event in hand says; raises Superseded when a later event about it came already."""
    sequence = check_sequence(tx, tx.get(collection, id))
    tx.put(collection, {"_id": id, **fields, "sequence": sequence})


def find_instrument(reader: Reader, id: str) -> Instrument | None:
    """An edition, read and built once per process and hash, or None."""
    return require_instrument(reader, id) if reader.get("editions", id) else None


def require_instrument(reader: Reader, id: str) -> Instrument:
    """An edition, read and built once per process and hash; raises MissingDependency."""
    return Instrument(*editions.find(reader, id))


def require_agency_name(reader: Reader, id: str) -> str:
    """An agency's name; raises MissingDependency."""
    doc = reader.get("agencies", id)
    if doc is None:
        raise MissingDependency(f"agency:{id}")
    return str(doc["name"])
