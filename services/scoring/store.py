"""How scoring's things are kept: documents here, frozen values of the domain everywhere else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from pymongo import IndexModel

from services.scoring.domain import (
    FINAL,
    Basis,
    Decision,
    Instrument,
    NodeScore,
    Result,
    Score,
    Wanted,
    score_id,
)
from shared.messaging.inbox import MissingDependency
from shared.replicas import editions
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "editions": (),
    "agencies": (),
    "sets": (),
    "scores": (
        IndexModel([("cycle", 1), ("_id", 1)]),
        IndexModel([("agency", 1), ("_id", 1)]),
        IndexModel([("stage", 1), ("_id", 1)]),
    ),
    "results": (IndexModel([("cycle", 1), ("_id", 1)]), IndexModel([("agency", 1), ("_id", 1)])),
}

_BASIS = tuple(one.name for one in fields(Basis))
_OWN = ("agency_name", "edition_hash", "guide_version", "index", "exact", "predicate", "computed_at")
_RESULT = ("version", "published_at", "receipt")


def _where(wanted: Wanted) -> Doc:
    parts = {
        "cycle": wanted.cycle,
        "stage": wanted.stage,
        "agency": None if wanted.agencies is None else {"$in": sorted(wanted.agencies)},
        "_id": None if wanted.after is None else {"$gt": wanted.after},
        "published_at": {"$ne": None} if wanted.published else None,
    }
    return {name: part for name, part in parts.items() if part is not None}


# copies of intake's things


def instrument(reader: Reader, id: str) -> Instrument:
    """An edition, built once per process and hash; raises MissingDependency."""
    return Instrument(*editions.find(reader, id))


def knows_edition(reader: Reader, id: str) -> bool:
    """Whether an edition was heard of."""
    return reader.get("editions", id) is not None


def agency(reader: Reader, id: str) -> Doc | None:
    """What was heard last of an agency, or None."""
    return reader.get("agencies", id)


def agency_name(reader: Reader, id: str) -> str:
    """An agency's name; raises MissingDependency."""
    doc = agency(reader, id)
    if doc is None:
        raise MissingDependency(f"agency:{id}")
    return str(doc["name"])


def keep_agency(tx: Transaction, id: str, name: str, group: str, heard: int) -> None:
    """Keep an agency's name and group; `heard` is the sequence of the event."""
    tx.put("agencies", {"_id": id, "name": name, "group": group, "heard": heard})


# scores and the sets that they rest on


def score(reader: Reader, id: str) -> Score | None:
    """A score with all its nodes, or None."""
    doc = reader.get("scores", id)
    return _score(doc) if doc else None


def scores(reader: Reader, wanted: Wanted) -> list[Score]:
    """The scores that are wanted, by id, without their nodes and receipts."""
    docs = reader.find("scores", _where(wanted), [("_id", 1)], wanted.limit, [*_BASIS, *_OWN])
    return [_score(doc) for doc in docs]


def keep_score(tx: Transaction, one: Score, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep a score, and beside it the set from which it was computed."""
    tx.insert("sets", {"_id": one.id, "rows": list(rows)})
    own = {name: getattr(one, name) for name in _OWN}
    nodes = [asdict(node) for node in one.nodes]
    tx.insert("scores", {"_id": one.id, **asdict(one.basis), **own, "nodes": nodes, "receipt": one.receipt})


def rows(reader: Reader, id: str) -> list[Doc]:
    """The set from which a score was computed; none when somebody took it away."""
    doc = reader.get("sets", id)
    return list(doc["rows"]) if doc else []


def _score(doc: Doc) -> Score:
    return Score(
        basis=Basis(**{name: doc[name] for name in _BASIS}),
        nodes=tuple(NodeScore(**node) for node in doc.get("nodes", ())),
        receipt=doc.get("receipt"),
        **{name: doc[name] for name in _OWN},
    )


# results


def result(reader: Reader, submission: str) -> Result | None:
    """The result of a submission, or None while its review goes on."""
    doc, of = reader.get("results", submission), score(reader, score_id(submission, FINAL))
    return _result(doc, of) if doc and of else None


def results(reader: Reader, wanted: Wanted) -> list[Result]:
    """The results that are wanted, by id, without their nodes."""
    docs = reader.find("results", _where(wanted), [("_id", 1)], wanted.limit)
    finals = _summaries(reader, (score_id(doc["_id"], FINAL) for doc in docs))
    return [_result(doc, finals[doc["_id"]]) for doc in docs]


def keep_result(tx: Transaction, one: Result) -> None:
    """Keep a result."""
    basis = one.score.basis
    own = {name: getattr(one, name) for name in _RESULT}
    decisions = [asdict(decision) for decision in one.decisions]
    doc = {"_id": one.id, "cycle": basis.cycle, "agency": basis.agency, **own, "decisions": decisions}
    tx.put("results", doc)


def _summaries(reader: Reader, ids: Iterable[str]) -> dict[str, Score]:
    docs = reader.find("scores", {"_id": {"$in": list(ids)}}, fields=[*_BASIS, *_OWN])
    return {doc["submission"]: _score(doc) for doc in docs}


def _result(doc: Doc, of: Score) -> Result:
    decisions = tuple(Decision(**one) for one in doc["decisions"])
    return Result(of, decisions=decisions, rev=doc["rev"], **{name: doc[name] for name in _RESULT})
