"""Questions to agencies, and what they answered."""

from collections.abc import Iterable

from services.review.domain import Clarification
from shared.storage.documents import from_document, save
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction


def find_clarification(reader: Reader, id: str) -> Clarification | None:
    """A question by its id."""
    doc = reader.get("clarifications", id)
    return from_document(Clarification, doc) if doc else None


def list_clarifications(reader: Reader, case: str) -> list[Clarification]:
    """The questions of a case, the oldest first."""
    rows = reader.find("clarifications", {"case": case}, [("asked_at", 1), ("_id", 1)])
    return [from_document(Clarification, row) for row in rows]


def list_clarifications_of(reader: Reader, cases: Iterable[str]) -> list[Clarification]:
    """The questions of several cases, the oldest of each first."""
    wanted = {"case": {"$in": sorted(cases)}}
    rows = reader.find("clarifications", wanted, [("case", 1), ("asked_at", 1), ("_id", 1)])
    return [from_document(Clarification, row) for row in rows]


def save_clarification(tx: Transaction, clarification: Clarification) -> Clarification:
    """Keep a question; gives it as stored."""
    return save(tx, "clarifications", clarification)
