"""Where intake's things are kept: one collection per kind, dataclasses on the way out and in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec
from bson import Binary
from pymongo import IndexModel

from services.intake.domain import (
    Agency,
    Answer,
    Cycle,
    EditionRecord,
    Participation,
    Person,
    Submission,
    answer_id,
)
from shared.instrument import Edition, from_dict, to_dict
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "editions": (),
    "edition_contents": (),
    "agencies": (),
    "people": (IndexModel([("subject", 1), ("issuer", 1)], unique=True),),
    "cycles": (),
    "participations": (
        IndexModel([("agency", 1), ("_id", 1)]),
        IndexModel([("cycle", 1), ("_id", 1)]),
    ),
    "answers": (IndexModel([("participation", 1), ("indicator", 1)], unique=True),),
    "answer_versions": (IndexModel([("participation", 1), ("indicator", 1), ("rev", 1)], unique=True),),
    "submissions": (
        IndexModel([("participation", 1), ("version", 1)], unique=True),
        IndexModel([("completed_at", 1), ("bytes_until", 1)]),
    ),
    "idempotency": (),
}

_COLLECTIONS: Mapping[type, str] = {
    EditionRecord: "editions",
    Agency: "agencies",
    Person: "people",
    Cycle: "cycles",
    Participation: "participations",
    Answer: "answers",
    Submission: "submissions",
}
_MOST_EDITIONS = 32
_editions: dict[str, Edition] = {}


class Thing(Protocol):
    """What has an id and a version."""

    @property
    def id(self) -> str: ...
    @property
    def rev(self) -> int: ...


T = TypeVar("T")
K = TypeVar("K", bound=Thing)


def _thing(kind: type[T], doc: Doc) -> T:
    return msgspec.convert({**doc, "id": doc["_id"]}, kind)


def _doc(thing: Thing) -> Doc:
    plain: Doc = msgspec.to_builtins(thing, builtin_types=(datetime,))
    return {"_id": plain.pop("id"), **plain}


def get(reader: Reader, kind: type[T], id: str) -> T | None:
    """One thing of a kind by its id, or None."""
    doc = reader.get(_COLLECTIONS[kind], id)
    return _thing(kind, doc) if doc else None


def need(reader: Reader, kind: type[T], id: str) -> T:
    """One thing that must be there, since another one that is kept names it."""
    found = get(reader, kind, id)
    if found is None:
        raise LookupError(f"{kind.__name__} {id} is named and not kept")
    return found


def save(tx: Transaction, thing: K) -> K:
    """Keep a new thing or a new version of one; gives it with its `rev`."""
    collection = _COLLECTIONS[type(thing)]
    tx.put(collection, _doc(thing))
    stored = tx.get(collection, thing.id)
    assert stored is not None
    return replace(thing, rev=stored["rev"])  # type: ignore[type-var]  # every Thing is a dataclass


def prefetch(tx: Transaction, kind: type[Thing], ids: Sequence[str], subjects: Iterable[str] = ()) -> None:
    """Read many things, and the heads of their subjects, by one query each."""
    tx.load(_COLLECTIONS[kind], ids)
    tx.load("heads", subjects)


def page(reader: Reader, kind: type[T], where: Mapping[str, Any], after: str | None, limit: int) -> list[T]:
    """The things that match, by id, after that id."""
    following = {"_id": {"$gt": after}} if after else {}
    rows = reader.find(_COLLECTIONS[kind], {"$and": [following, where]}, [("_id", 1)], limit)
    return [_thing(kind, row) for row in rows]


def participants(reader: Reader, cycle: str) -> int:
    """How many agencies take part in a cycle."""
    return reader.count("participations", {"cycle": cycle})


def told(reader: Reader, subject: str) -> int:
    """The sequence number of the last event that was told about a subject; 0 when none was."""
    head = reader.get("heads", subject)
    return int(head["event_seq"]) if head else 0


def participations_of(reader: Reader, agency: str) -> list[Participation]:
    """Every participation of an agency, the oldest id first."""
    rows = reader.find("participations", {"agency": agency}, [("_id", 1)])
    return [_thing(Participation, row) for row in rows]


# editions


def edition(reader: Reader, record: EditionRecord) -> Edition:
    """The content of an edition; it is kept under its hash, so this process may remember it."""
    found = _editions.get(record.hash)
    if found is None:
        row = reader.get("edition_contents", record.hash)
        assert row is not None
        if len(_editions) >= _MOST_EDITIONS:
            _editions.clear()
        found = _editions[record.hash] = from_dict(msgspec.json.decode(row["content"]))
    return found


def save_content(tx: Transaction, edition: Edition) -> None:
    """Keep what an edition says, under its hash."""
    if tx.get("edition_contents", edition.hash) is None:
        content = msgspec.json.encode(to_dict(edition))
        tx.insert("edition_contents", {"_id": edition.hash, "content": content})


# people


def person_of(reader: Reader, issuer: str, subject: str) -> Person | None:
    """The person whom the identity provider knows so."""
    rows = reader.find("people", {"subject": subject, "issuer": issuer}, limit=1)
    return _thing(Person, rows[0]) if rows else None


def existing_agencies(reader: Reader, ids: Iterable[str]) -> set[str]:
    """Those of the ids that are agencies."""
    return {id for id in set(ids) if reader.get("agencies", id)}


# answers


def answers(reader: Reader, participation: str, codes: Iterable[str]) -> dict[str, Answer]:
    """The saved answers by indicator, in the order of the codes."""
    rows = {row["indicator"]: row for row in reader.find("answers", {"participation": participation})}
    return {code: _thing(Answer, rows[code]) for code in codes if code in rows}


def save_answer(tx: Transaction, answer: Answer) -> Answer:
    """Keep an answer, and this version of it for ever."""
    saved = save(tx, answer)
    tx.append("answer_versions", {**_doc(saved), "_id": f"{saved.id}.{saved.rev}"})
    return saved


def answer_versions(
    reader: Reader, participation: str, indicator: str, after: int, limit: int
) -> list[Answer]:
    """The saved versions of one answer after version `after`, oldest first."""
    where = {"participation": participation, "indicator": indicator, "rev": {"$gt": after}}
    rows = reader.find("answer_versions", where, [("rev", 1)], limit)
    return [_thing(Answer, {**row, "_id": answer_id(participation, indicator)}) for row in rows]


def sealed_words(reader: Reader, submission: Submission) -> dict[str, Answer]:
    """The answers as they were sealed, words included, by indicator."""
    ids = {
        f"{answer_id(submission.participation, one.indicator)}.{one.rev}": one for one in submission.answers
    }
    rows = {row["_id"]: row for row in reader.find("answer_versions", {"_id": {"$in": list(ids)}})}
    return {one.indicator: _thing(Answer, rows[id]) for id, one in ids.items()}


# submissions


def naming(reader: Reader, participations: Sequence[str], sha256: str) -> list[str]:
    """Which answers and submissions below these participations name a file, as "answer ID" or "submission ID"."""
    within = {"participation": {"$in": list(participations)}}
    answers = reader.find("answers", {**within, "evidence.sha256": sha256}, [("_id", 1)], fields=["_id"])
    sealed = reader.find("submissions", {**within, "files.sha256": sha256}, [("_id", 1)], fields=["_id"])
    return [f"answer {row['_id']}" for row in answers] + [f"submission {row['_id']}" for row in sealed]


def overdue(reader: Reader, until: datetime, limit: int) -> list[str]:
    """The ids of submissions not completed whose time for bytes was over before that moment."""
    where = {"completed_at": None, "bytes_until": {"$lt": until}}
    return [row["_id"] for row in reader.find("submissions", where, [("bytes_until", 1)], limit, ["_id"])]


# idempotency


def answered(tx: Transaction, id: str) -> tuple[str, bytes] | None:
    """The fingerprint of a request that was carried out before, and the bytes of its answer."""
    row = tx.get("idempotency", id)
    return (row["fingerprint"], bytes(row["body"])) if row else None


def save_answered(tx: Transaction, id: str, fingerprint: str, body: bytes) -> None:
    """Keep the answer to a request."""
    tx.insert("idempotency", {"_id": id, "fingerprint": fingerprint, "body": Binary(body), "at": tx.now})
