"""Published results, for everybody: nothing else comes from here."""

from collections.abc import Collection, Sequence

from services.scoring.domain import Publication, PublishedCycle, Year
from shared.storage.reader import Doc, Reader

_PUBLISHED: Doc = {"published_at": {"$ne": None}}
_FIELDS = ("score", "agency", "cycle")


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
    return [_cycle(doc["_id"], doc.get("known")) for doc in found]


def list_publications(reader: Reader, cycle: str) -> list[Publication]:
    """The published results of a cycle, without their nodes; as many questions for many as for few."""
    return _publications(reader, reader.find("results", {"cycle": cycle, **_PUBLISHED}, fields=_FIELDS))


def list_years(reader: Reader, agencies: Collection[str]) -> dict[str, list[Year]]:
    """The published results of agencies in all cycles, by agency."""
    docs = reader.find("results", {"agency": {"$in": sorted(agencies)}, **_PUBLISHED}, fields=_FIELDS)
    cycles = find_cycles(reader, {doc["cycle"] for doc in docs})
    found: dict[str, list[Year]] = {agency: [] for agency in agencies}
    for doc, publication in zip(docs, _publications(reader, docs), strict=True):
        found[doc["agency"]].append(Year(cycles[doc["cycle"]], publication))
    return found


def find_cycles(reader: Reader, ids: Collection[str]) -> dict[str, PublishedCycle]:
    """Cycles by their ids; one of which no event came is called by its id."""
    known = {doc["_id"]: doc for doc in reader.find("cycles", {"_id": {"$in": sorted(ids)}})}
    return {id: _cycle(id, known.get(id)) for id in ids}


def list_scored_cycles(reader: Reader) -> list[PublishedCycle]:
    """The cycles of which something is scored, the latest first."""
    pipeline = (
        {"$group": {"_id": "$basis.cycle"}},
        {"$lookup": {"from": "cycles", "localField": "_id", "foreignField": "_id", "as": "known"}},
        {"$unwind": {"path": "$known", "preserveNullAndEmptyArrays": True}},
        {"$sort": {"known.opens": -1, "_id": -1}},
    )
    return [_cycle(doc["_id"], doc.get("known")) for doc in reader.aggregate("scores", pipeline)]


def _cycle(id: str, known: Doc | None) -> PublishedCycle:
    if not known:
        return PublishedCycle(id, id)
    return PublishedCycle(id, known["title"], known["opens"], known.get("shows_words", True))


def _publications(reader: Reader, results: Sequence[Doc]) -> list[Publication]:
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
