"""How review's things are kept: documents here, frozen values of the domain everywhere else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from pymongo import IndexModel

from services.review.domain import (
    Assessor,
    Case,
    Interest,
    Mark,
    Material,
    Participation,
    Pin,
    Rated,
    Rating,
    Task,
    Words,
    serving,
)
from shared.core.people import Caller
from shared.instrument import Edition
from shared.messaging.inbox import MissingDependency
from shared.replicas import editions
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "editions": (),
    "agencies": (),
    "cycles": (),
    "participations": (),
    "materials": (),
    "sets": (IndexModel([("case", 1), ("number", 1)], unique=True),),
    "assessors": (IndexModel([("issuer", 1), ("subject", 1)], unique=True),),
    "cases": (IndexModel([("cycle", 1), ("_id", 1)]), IndexModel([("assessors", 1), ("_id", 1)])),
    "tasks": (
        IndexModel([("state", 1), ("until", 1)]),
        IndexModel([("case", 1), ("stage", 1)], unique=True),
        IndexModel([("held_by", 1), ("_id", 1)]),
    ),
    "marks": (),
    "ratings": (
        IndexModel([("task", 1), ("author", 1), ("indicator", 1), ("version", 1)]),
        IndexModel([("case", 1), ("stage", 1)]),
    ),
}

T = TypeVar("T")


def _to(kind: type[T], doc: Doc, **changes: Any) -> T:
    """The value in a document: lists become tuples, fields that it lacks keep their defaults."""
    names = {one.name for one in fields(kind)}  # type: ignore[arg-type]  # always a dataclass
    known = {name: tuple(part) if isinstance(part, list) else part for name, part in doc.items()}
    found = {"id": doc.get("_id"), **known, **changes}
    return kind(**{name: part for name, part in found.items() if name in names})


def _doc(value: Any) -> Doc:
    """The document of a value that has an id."""
    doc = asdict(value)
    doc.pop("rev", None)
    return {"_id": doc.pop("id"), **doc}


# copies of other services' facts


def copy(reader: Reader, collection: str, id: str) -> Doc | None:
    """What was heard last of a thing that another service owns, or None."""
    return reader.get(collection, id)


def keep_copy(tx: Transaction, collection: str, id: str, heard: int, **parts: Any) -> None:
    """Keep what was heard of such a thing; `heard` is the sequence of the event."""
    tx.put(collection, {"_id": id, **parts, "heard": heard})


def edition(reader: Reader, id: str, hash: str | None = None) -> Edition:
    """An edition, read and built once per process, found by its hash when that is known; raises MissingDependency."""
    return editions.find(reader, id, hash)[0]


def participation(reader: Reader, id: str) -> Participation:
    """An agency's part in a cycle; raises MissingDependency."""
    doc = reader.get("participations", id)
    if doc is None:
        raise MissingDependency(f"participation:{id}")
    return _to(Participation, doc)


def knows_agency(reader: Reader, id: str) -> bool:
    """Whether the agency was heard of."""
    return reader.get("agencies", id) is not None


# assessors


def _assessor(doc: Doc) -> Assessor:
    return _to(Assessor, doc, conflicts=tuple(Interest(**one) for one in doc["conflicts"]))


def assessor(reader: Reader, id: str) -> Assessor | None:
    """An assessor by its id."""
    doc = reader.get("assessors", id)
    return _assessor(doc) if doc else None


def assessor_of(reader: Reader, issuer: str, subject: str) -> Assessor | None:
    """The assessor behind a token."""
    docs = reader.find("assessors", {"issuer": issuer, "subject": subject})
    return _assessor(docs[0]) if docs else None


def caller_assessor(reader: Reader, caller: Caller) -> Assessor | None:
    """The assessor that a caller is, with the conflicts of interest that its own roles are; None for somebody else."""
    found = assessor_of(reader, caller.issuer, caller.subject)
    return serving(found, caller, reader.now) if found else None


def assessors(reader: Reader, after: str | None, limit: int) -> list[Assessor]:
    """Assessors by id, after that id."""
    where = {"_id": {"$gt": after}} if after else {}
    return [_assessor(doc) for doc in reader.find("assessors", where, [("_id", 1)], limit)]


def save_assessor(tx: Transaction, one: Assessor) -> None:
    """Keep an assessor."""
    tx.put("assessors", _doc(one))


def save_person(tx: Transaction, person: Doc) -> None:
    """Keep who somebody is and what it may do, for the guard at the doors."""
    tx.put("people", person)


# cases


def case(reader: Reader, id: str) -> Case | None:
    """A case by its id, which is its submission's."""
    doc = reader.get("cases", id)
    return _to(Case, doc) if doc else None


def cases(reader: Reader, where: Doc, after: str | None, limit: int) -> list[Case]:
    """The cases that match, by id, after that id."""
    where = {**where, "_id": {"$gt": after}} if after else where
    return [_to(Case, doc) for doc in reader.find("cases", where, [("_id", 1)], limit)]


def save_case(tx: Transaction, one: Case) -> None:
    """Keep a case."""
    tx.put("cases", {**_doc(one), "state": one.state})


def material(reader: Reader, case: str) -> Material:
    """What the agency handed in for a case."""
    doc = reader.get("materials", case)
    assert doc is not None
    return _to(Material, doc)


def save_material(tx: Transaction, case: str, one: Material) -> None:
    """Keep what the agency handed in, apart from the case, which changes often."""
    tx.insert("materials", {"_id": case, **asdict(one)})


# tasks


def _task(doc: Doc) -> Task:
    return _to(
        Task,
        doc,
        rated=tuple(Rated(**one) for one in doc["rated"]),
        marks=_marks(doc),
        questions=tuple(Mark(**one) for one in doc["questions"]),
    )


def task(reader: Reader, id: str) -> Task | None:
    """A task by its id."""
    doc = reader.get("tasks", id)
    return _task(doc) if doc else None


def tasks(reader: Reader, where: Doc, after: str | None = None, limit: int = 0) -> list[Task]:
    """The tasks that match, oldest first, after that id."""
    where = {**where, "_id": {"$gt": after}} if after else where
    return [_task(doc) for doc in reader.find("tasks", where, [("_id", 1)], limit)]


def held_task(reader: Reader, case: str, assessor: str, now: datetime) -> Task | None:
    """The task of a case that an assessor holds now."""
    where = {"case": case, "state": "claimed", "assessor": assessor}
    return next((one for one in tasks(reader, where) if one.live(now)), None)


def save_task(tx: Transaction, one: Task) -> None:
    """Keep a task."""
    tx.put("tasks", _doc(one))


def _marks(doc: Doc) -> tuple[Mark, ...]:
    return tuple(Mark(**one) for one in doc["marks"])


def marks(reader: Reader, task: str, author: str) -> tuple[Mark, ...]:
    """What one author marked last in a task."""
    doc = reader.get("marks", f"{task}.{author}")
    return _marks(doc) if doc else ()


def save_marks(tx: Transaction, one: Task) -> None:
    """Keep the marks of a task's holder apart from the task, which may pass to somebody else."""
    marks = [asdict(mark) for mark in one.marks]
    tx.put(
        "marks", {"_id": f"{one.id}.{one.assessor}", "task": one.id, "author": one.assessor, "marks": marks}
    )


# ratings


def _rating(doc: Doc) -> Rating:
    words = Words(**doc["words"]) if doc["words"] else None
    return _to(Rating, doc, words=words, pins=tuple(Pin(**one) for one in doc["pins"]))


def add_ratings(tx: Transaction, rows: Iterable[Rating]) -> None:
    """Add rows, which nothing ever changes."""
    for one in rows:
        tx.append("ratings", _doc(one))


def ratings(tx: Transaction, ids: Sequence[str]) -> list[Rating]:
    """The rows of these ids, in this order."""
    tx.load("ratings", ids)
    return [_rating(doc) for id in ids if (doc := tx.get("ratings", id))]


def drafts(reader: Reader, task: str, author: str) -> list[Rating]:
    """The newest rating of each indicator that one author saved in a task."""
    newest = {"$group": {"_id": "$indicator", "row": {"$last": "$$ROOT"}}}
    order = {"$sort": {"indicator": 1, "version": 1}}
    rows = reader.aggregate("ratings", [{"$match": {"task": task, "author": author}}, order, newest])
    return sorted((_rating(one["row"]) for one in rows), key=attrgetter("indicator"))


def committed(reader: Reader, case: str) -> list[tuple[Doc, list[Rating]]]:
    """The completed stages of a case in order, each with its ratings in the edition's order."""
    sets = reader.find("sets", {"case": case}, [("number", 1)])
    ids = [id for one in sets for id in one["ratings"]]
    rows = {doc["_id"]: _rating(doc) for doc in reader.find("ratings", {"_id": {"$in": ids}})}
    return [(one, [rows[id] for id in one["ratings"]]) for one in sets]


def save_set(tx: Transaction, case: Case, by: str, hash: str, rows: Sequence[Rating]) -> None:
    """Keep which ratings the present stage of a case ended with, by their ids, and what closed it."""
    stage = case.stage or ""
    row = {"_id": f"{case.id}.{stage}", "case": case.id, "number": case.stages.index(stage), "stage": stage}
    ids = [one.id for one in rows]
    tx.insert("sets", {**row, "closed_by": by, "at": tx.now, "set_hash": hash, "ratings": ids})


def last_ratings(tx: Transaction, case: str) -> list[Rating]:
    """The ratings that the last completed stage of a case ended with."""
    (last,) = tx.find("sets", {"case": case}, [("number", -1)], 1)
    return ratings(tx, last["ratings"])
