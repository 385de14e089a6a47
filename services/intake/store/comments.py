"""The notes of an agency's people; a withdrawn one goes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import IndexModel

from services.intake.domain.acts import MOST_ACTS, Act
from services.intake.domain.comments import Comment
from shared.storage import documents
from shared.storage.documents import from_document
from shared.storage.reader import Page, Reader
from shared.storage.rights import DELETE, Right
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "comments": (
        IndexModel([("participation", 1), ("at", 1), ("_id", 1)]),
        IndexModel([("participation", 1), ("indicator", 1), ("at", 1), ("_id", 1)]),
    ),
}
RIGHTS: Mapping[str, Right] = {"comments": DELETE}
_IN_ORDER = (("at", 1), ("_id", 1))


def find_comment(reader: Reader, id: str) -> Comment | None:
    """A note by its id, or None."""
    row = reader.get("comments", id)
    return from_document(Comment, row) if row else None


def save_comment(tx: Transaction, comment: Comment) -> Comment:
    """Keep a note, or how it is marked."""
    return documents.save(tx, "comments", comment)


def delete_comment(tx: Transaction, comment: Comment) -> None:
    """Let a note go that its author withdrew."""
    tx.delete("comments", comment.id)


def count_comments(reader: Reader, participation: str) -> int:
    """How many notes a self-assessment has."""
    return reader.count("comments", {"participation": participation})


def count_open_comments(reader: Reader, participation: str) -> dict[str, int]:
    """How many notes wait at each indicator that has any."""
    where = {"participation": participation, "settled_at": None}
    return Counter(row["indicator"] for row in reader.find("comments", where, fields=["indicator"]))


def list_comments(reader: Reader, participation: str, indicator: str | None = None) -> list[Comment]:
    """The notes of a self-assessment, or those at one indicator, the oldest first."""
    rows = reader.find("comments", _where(participation, indicator), _IN_ORDER)
    return [from_document(Comment, row) for row in rows]


def list_comments_page(
    reader: Reader, participation: str, indicator: str | None, after: str | None, limit: int
) -> Page[Comment]:
    """The notes by id, after that id."""
    following = {"_id": {"$gt": after}} if after else {}
    where = {**_where(participation, indicator), **following}
    rows = reader.find_page("comments", where, [("_id", 1)], limit)
    return rows.map(lambda row: from_document(Comment, row))


def list_comment_acts(reader: Reader, participation: str) -> list[Act]:
    """Who left a note last and where, the latest first."""
    where = {"participation": participation}
    rows = reader.find("comments", where, [("at", -1)], MOST_ACTS, ["at", "by", "indicator"])
    return [Act(row["at"], row["by"], "commented", row["indicator"]) for row in rows]


def _where(participation: str, indicator: str | None) -> dict[str, Any]:
    return {"participation": participation} | ({"indicator": indicator} if indicator else {})
