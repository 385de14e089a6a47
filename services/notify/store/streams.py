"""Streams: the frozen bodies of each subscription, in a contiguous sequence."""

from bson import Binary

from shared.storage.reader import Page, Reader
from shared.storage.transaction import Transaction


def draw_sequence(tx: Transaction, stream: str) -> int:
    """Draw the next number of a stream; its document leaves once per batch."""
    doc = tx.get("streams", stream) or {"_id": stream, "sequence": 0}
    return int(tx.put("streams", {**doc, "sequence": doc["sequence"] + 1})["sequence"])


def add_entry(tx: Transaction, stream: str, sequence: int, event: str, body: bytes) -> None:
    """Add a row to a stream; its bytes never change."""
    row = {"stream": stream, "sequence": sequence, "event": event, "at": tx.now, "body": Binary(body)}
    tx.append("entries", {"_id": f"{stream}.{sequence}", **row})


def list_bodies(reader: Reader, stream: str, after: int, limit: int) -> Page[tuple[int, bytes]]:
    """The frozen bodies of a stream after a number, each with its own."""
    where = {"stream": stream, "sequence": {"$gt": after}}
    docs = reader.find_page("entries", where, [("sequence", 1)], limit, ["sequence", "body"])
    return docs.map(lambda doc: (doc["sequence"], bytes(doc["body"])))


def require_body(reader: Reader, delivery: str) -> bytes:
    """The frozen body of a delivery, which has one for sure."""
    doc = reader.get("entries", delivery)
    assert doc is not None, f"no body of delivery {delivery}"
    return bytes(doc["body"])
