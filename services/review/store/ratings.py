"""Ratings: rows that are added and never changed."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from services.review.domain import Rating, Task
from shared.storage.documents import from_document, to_document
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction


def add_ratings(tx: Transaction, ratings: Iterable[Rating]) -> None:
    """Add rows."""
    for rating in ratings:
        tx.append("ratings", to_document(rating))


def list_ratings(reader: Reader, ids: Sequence[str]) -> list[Rating]:
    """The rows of these ids, in this order."""
    docs = {doc["_id"]: doc for doc in reader.find("ratings", {"_id": {"$in": list(ids)}})}
    return [from_document(Rating, docs[id]) for id in ids]


def list_drafts(reader: Reader, task: str, author: str) -> list[Rating]:
    """The latest rating of each indicator that one author saved in a task, by indicator."""
    latest = {"$group": {"_id": "$indicator", "row": {"$last": "$$ROOT"}}}
    order = {"$sort": {"indicator": 1, "version": 1}}
    rows = reader.aggregate("ratings", [{"$match": {"task": task, "author": author}}, order, latest])
    return sorted((from_document(Rating, row["row"]) for row in rows), key=attrgetter("indicator"))


def find_versions(reader: Reader, task: Task, wanted: Iterable[tuple[str, int]]) -> dict[str, Rating]:
    """Saved versions of the last holder's ratings, each wanted as (indicator, version), by indicator."""
    each = [{"indicator": indicator, "version": version} for indicator, version in wanted]
    own = {"task": task.id, "author": task.assessor}
    rows = reader.find("ratings", {**own, "$or": each}) if each else []
    return {row["indicator"]: from_document(Rating, row) for row in rows}
