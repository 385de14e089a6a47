"""Scores, which never change, and the sets that they rest on."""

from services.scoring.domain import Rows, Score, ScoreFilter
from shared.storage.documents import from_document, to_document
from shared.storage.reader import Doc, Page, Reader
from shared.storage.transaction import Transaction

SUMMARY = (
    "basis",
    "agency_name",
    "edition_hash",
    "guide_version",
    "index",
    "exact",
    "predicate",
    "computed_at",
)
"""The fields of a score without its nodes and its receipt."""


def find_score(reader: Reader, id: str) -> Score | None:
    """A score with all its nodes, or None."""
    doc = reader.get("scores", id)
    return from_document(Score, doc) if doc else None


def list_scores(reader: Reader, wanted: ScoreFilter, after: str | None, limit: int) -> Page[Score]:
    """The scores that are wanted, by id, after that id, without their nodes and receipts."""
    where = matching(wanted.agencies, {"cycle": wanted.cycle, "stage": wanted.stage}, after, "basis.")
    docs = reader.find_page("scores", where, [("_id", 1)], limit, SUMMARY)
    return docs.map(lambda doc: from_document(Score, doc))


def add_score(tx: Transaction, score: Score, rows: Rows) -> None:
    """Add a score, and beside it the set from which it was computed."""
    tx.insert("sets", {"_id": score.id, "rows": list(rows)})
    tx.insert("scores", to_document(score, _id=score.id))


def find_rows(reader: Reader, id: str) -> Rows:
    """The set from which a score was computed; empty when somebody took it away."""
    doc = reader.get("sets", id)
    return list(doc["rows"]) if doc else []


def matching(
    agencies: frozenset[str] | None, fields: dict[str, str | None], after: str | None, prefix: str = ""
) -> Doc:
    """What a document has to match: one of the agencies and every field, None for all; its id after that one."""
    where: Doc = {f"{prefix}{name}": value for name, value in fields.items() if value is not None}
    if agencies is not None:
        where[f"{prefix}agency"] = {"$in": sorted(agencies)}
    if after is not None:
        where["_id"] = {"$gt": after}
    return where
