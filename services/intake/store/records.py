"""Editions, agencies, people, cycles, participations, answers and submissions: one collection per kind."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from pymongo import IndexModel

from services.intake.domain import (
    Agency,
    Answer,
    Cycle,
    EditionRecord,
    Participation,
    Person,
    Reply,
    Submission,
    Upload,
    answer_id,
)
from shared.instrument import Edition, from_dict, to_dict
from shared.storage import documents
from shared.storage.documents import Entity, from_document, to_document
from shared.storage.reader import Reader
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
    Upload: "uploads",
}
_MOST_EDITIONS = 32
_editions: dict[str, Edition] = {}


T = TypeVar("T")
E = TypeVar("E", bound=Entity)


def find(reader: Reader, kind: type[T], id: str) -> T | None:
    """One entity of a kind by its id, or None."""
    doc = reader.get(_COLLECTIONS[kind], id)
    return from_document(kind, doc) if doc else None


def require(reader: Reader, kind: type[T], id: str) -> T:
    """One entity that must be there, since another one that is kept names it."""
    found = find(reader, kind, id)
    if found is None:
        raise LookupError(f"{kind.__name__} {id} is named and not kept")
    return found


def save(tx: Transaction, entity: E) -> E:
    """Keep a new entity or a new version of one; gives it with its `rev`."""
    return documents.save(tx, _COLLECTIONS[type(entity)], entity)


def list_page(
    reader: Reader, kind: type[T], where: Mapping[str, Any], after: str | None, limit: int
) -> list[T]:
    """The entities that match, by id, after that id."""
    following = {"_id": {"$gt": after}} if after else {}
    rows = reader.find(_COLLECTIONS[kind], {"$and": [following, where]}, [("_id", 1)], limit)
    return [from_document(kind, row) for row in rows]


def list_participations(
    reader: Reader, cycle: str | None, agencies: Set[str] | None, after: str | None, limit: int
) -> list[Participation]:
    """The participations in a cycle and of those agencies, by id, after that id; None: in any, of any."""
    where: dict[str, Any] = {} if cycle is None else {"cycle": cycle}
    if agencies is not None:
        where["agency"] = {"$in": sorted(agencies)}
    return list_page(reader, Participation, where, after, limit)


def count_participants(reader: Reader, cycle: str) -> int:
    """How many agencies take part in a cycle."""
    return reader.count("participations", {"cycle": cycle})


def get_sequence(reader: Reader, subject: str) -> int:
    """The sequence number of the last event that was published about a subject; 0 when none was."""
    head = reader.get("heads", subject)
    return int(head["event_seq"]) if head else 0


def list_participations_of(reader: Reader, agency: str) -> list[Participation]:
    """Every participation of an agency, the oldest id first."""
    rows = reader.find("participations", {"agency": agency}, [("_id", 1)])
    return [from_document(Participation, row) for row in rows]


# editions


def get_edition(reader: Reader, record: EditionRecord) -> Edition:
    """The content of an edition; it is kept under its hash, so this process may remember it."""
    found = _editions.get(record.hash)
    if found is None:
        row = reader.get("edition_contents", record.hash)
        assert row is not None
        if len(_editions) >= _MOST_EDITIONS:
            _editions.clear()
        found = _editions[record.hash] = from_dict(msgspec.json.decode(row["content"]))
    return found


def add_content(tx: Transaction, edition: Edition) -> None:
    """Keep what an edition says, under its hash."""
    if tx.get("edition_contents", edition.hash) is None:
        content = msgspec.json.encode(to_dict(edition))
        tx.insert("edition_contents", {"_id": edition.hash, "content": content})


# people


def find_person(reader: Reader, issuer: str, subject: str) -> Person | None:
    """The person whom the identity provider knows so."""
    rows = reader.find("people", {"subject": subject, "issuer": issuer}, limit=1)
    return from_document(Person, rows[0]) if rows else None


def load_agencies(tx: Transaction, ids: Sequence[str]) -> dict[str, Agency]:
    """Those of the agencies that there are, by id; these and their heads are read by one query each."""
    tx.load("agencies", ids)
    tx.load("heads", [f"agency:{id}" for id in ids])
    return {id: agency for id in ids if (agency := find(tx, Agency, id))}


def known_agencies(reader: Reader, ids: Iterable[str]) -> set[str]:
    """Those of the ids that are agencies."""
    return {id for id in set(ids) if reader.get("agencies", id)}


# answers


def find_answers(reader: Reader, participation: str, codes: Iterable[str]) -> dict[str, Answer]:
    """The saved answers by indicator, in the order of the codes."""
    rows = {row["indicator"]: row for row in reader.find("answers", {"participation": participation})}
    return {code: from_document(Answer, rows[code]) for code in codes if code in rows}


def save_answer(tx: Transaction, answer: Answer) -> Answer:
    """Keep an answer, and this version of it for ever."""
    saved = save(tx, answer)
    tx.append("answer_versions", to_document(saved) | {"_id": f"{saved.id}.{saved.rev}"})
    return saved


def list_answer_versions(
    reader: Reader, participation: str, indicator: str, after: int, limit: int
) -> list[Answer]:
    """The saved versions of one answer after version `after`, oldest first."""
    where = {"participation": participation, "indicator": indicator, "rev": {"$gt": after}}
    rows = reader.find("answer_versions", where, [("rev", 1)], limit)
    return [from_document(Answer, {**row, "_id": answer_id(participation, indicator)}) for row in rows]


def get_sealed_answers(reader: Reader, submission: Submission) -> dict[str, Answer]:
    """The answers as they were sealed, their explanations included, by indicator."""
    ids = {
        f"{answer_id(submission.participation, answer.indicator)}.{answer.rev}": answer
        for answer in submission.answers
    }
    rows = {row["_id"]: row for row in reader.find("answer_versions", {"_id": {"$in": list(ids)}})}
    return {answer.indicator: from_document(Answer, rows[id]) for id, answer in ids.items()}


# submissions


def list_naming(reader: Reader, participations: Sequence[str], sha256: str) -> list[str]:
    """Which answers and submissions below these participations name a file, as "answer ID" or "submission ID"."""
    within = {"participation": {"$in": list(participations)}}
    answers = reader.find("answers", {**within, "evidence.sha256": sha256}, [("_id", 1)], fields=["_id"])
    sealed = reader.find("submissions", {**within, "files.sha256": sha256}, [("_id", 1)], fields=["_id"])
    return [f"answer {row['_id']}" for row in answers] + [f"submission {row['_id']}" for row in sealed]


def list_overdue(reader: Reader, until: datetime, limit: int) -> list[str]:
    """The ids of submissions not completed whose time for bytes was over before that moment."""
    where = {"completed_at": None, "bytes_until": {"$lt": until}}
    return [row["_id"] for row in reader.find("submissions", where, [("bytes_until", 1)], limit, ["_id"])]


# idempotency


def find_reply(tx: Transaction, id: str) -> Reply | None:
    """The answer to a request that was carried out before."""
    row = tx.get("idempotency", id)
    return from_document(Reply, row) if row else None


def add_reply(tx: Transaction, id: str, reply: Reply) -> None:
    """Keep the answer to a request."""
    tx.insert("idempotency", to_document(reply, _id=id, at=tx.now))
