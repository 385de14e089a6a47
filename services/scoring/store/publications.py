"""Published results, for everybody: nothing else comes from here."""

from services.scoring.domain import Publication, PublishedCycle
from shared.storage.reader import Doc, Reader

_PUBLISHED: Doc = {"published_at": {"$ne": None}}


def list_published_cycles(reader: Reader) -> list[PublishedCycle]:
    """The cycles of which results are published, the latest first."""
    pipeline = (
        {"$match": _PUBLISHED},
        {"$group": {"_id": "$cycle"}},
        {"$lookup": {"from": "cycles", "localField": "_id", "foreignField": "_id", "as": "known"}},
        {"$unwind": {"path": "$known", "preserveNullAndEmptyArrays": True}},
        {"$sort": {"known.opens": -1, "_id": -1}},
    )
    found = reader.aggregate("results", pipeline)
    return [PublishedCycle(doc["_id"], doc.get("known", {}).get("title", doc["_id"])) for doc in found]


def list_publications(reader: Reader, cycle: str) -> list[Publication]:
    """The published results of a cycle, without their nodes; as many questions for many as for few."""
    results = reader.find("results", {"cycle": cycle, **_PUBLISHED}, fields=("score", "agency"))
    of = {"_id": {"$in": [doc["score"] for doc in results]}}
    scores = reader.find("scores", of, fields=("agency_name", "basis.edition", "index", "exact", "predicate"))
    agencies = reader.find(
        "agencies", {"_id": {"$in": [doc["agency"] for doc in results]}}, fields=("group",)
    )
    by_id = {doc["_id"]: doc for doc in scores}
    groups = {doc["_id"]: doc["group"] for doc in agencies}
    return [_publication(doc, by_id[doc["score"]], groups.get(doc["agency"], "")) for doc in results]


def _publication(doc: Doc, score: Doc, group: str) -> Publication:
    return Publication(
        doc["_id"],
        doc["agency"],
        score["agency_name"],
        group,
        score["basis"]["edition"],
        score["index"],
        score["exact"],
        score["predicate"],
    )
