"""Editions, agencies, people, cycles, participations, answers and submissions: one collection per kind."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, TypeVar

import msgspec
from pymongo import IndexModel

from services.intake.domain import (
    Agency,
    Answer,
    Cycle,
    EditionRecord,
    EndedClaim,
    Exhibit,
    Participation,
    Person,
    Reply,
    Upload,
    answer_id,
    answer_subject,
)
from services.intake.domain.progress import Filled
from services.intake.domain.ticks import Ticks
from shared.instrument import Edition, from_dict, to_dict
from shared.storage import documents
from shared.storage.documents import Entity, from_document, to_document
from shared.storage.reader import Page, Reader
from shared.storage.rights import APPEND, Right
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "editions": (),
    "edition_contents": (),
    "agencies": (),
    "people": (
        IndexModel([("subject", 1), ("issuer", 1)], unique=True),
        IndexModel([("name", 1), ("_id", 1)]),
        IndexModel([("grants.agency", 1)]),
    ),
    "cycles": (),
    "participations": (
        IndexModel([("agency", 1), ("_id", 1)]),
        IndexModel([("cycle", 1), ("_id", 1)]),
        IndexModel([("submission", 1)]),
    ),
    "answers": (IndexModel([("participation", 1), ("indicator", 1)], unique=True),),
    "answer_versions": (
        IndexModel([("participation", 1), ("indicator", 1), ("rev", 1)], unique=True),
        IndexModel([("participation", 1), ("saved_at", -1)]),
        IndexModel([("participation", 1), ("saved_by", 1), ("indicator", 1), ("saved_at", -1)]),
    ),
    "ticks": (IndexModel([("participation", 1)]),),
    "idempotency": (),
    "ended_claims": (),
}
RIGHTS: Mapping[str, Right] = {"edition_contents": APPEND, "answer_versions": APPEND, "idempotency": APPEND}

_COLLECTIONS: Mapping[type, str] = {
    EditionRecord: "editions",
    Agency: "agencies",
    Person: "people",
    Cycle: "cycles",
    Participation: "participations",
    Answer: "answers",
    Ticks: "ticks",
    Upload: "uploads",
    EndedClaim: "ended_claims",
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
) -> Page[T]:
    """The entities that match, by id, after that id."""
    following = {"_id": {"$gt": after}} if after else {}
    rows = reader.find_page(_COLLECTIONS[kind], {"$and": [following, where]}, [("_id", 1)], limit)
    return rows.map(lambda row: from_document(kind, row))


def list_named(reader: Reader, kind: type[T], words: Sequence[str], most: int) -> list[T]:
    """Those whose name, id or subject says every word, whatever its case, by id."""
    rows = reader.find(_COLLECTIONS[kind], says(words, "name", "_id", "subject"), [("_id", 1)], most)
    return [from_document(kind, row) for row in rows]


def says(words: Sequence[str], *fields: str) -> dict[str, Any]:
    """What matches documents of which every word stands in one of the fields, whatever its case."""
    patterns = [{"$regex": re.escape(word), "$options": "i"} for word in words]
    return {"$and": [{"$or": [{field: pattern} for field in fields]} for pattern in patterns]}


def list_participations(
    reader: Reader, cycle: str | None, agencies: Set[str] | None, after: str | None, limit: int
) -> Page[Participation]:
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


def find_people(reader: Reader, issuer: str, subjects: Set[str]) -> dict[str, Person]:
    """Those of the subjects of an identity provider whom there are, by subject."""
    rows = reader.find("people", {"subject": {"$in": sorted(subjects)}, "issuer": issuer})
    return {row["subject"]: from_document(Person, row) for row in rows}


def has_officer(reader: Reader, issuer: str) -> bool:
    """Whether anybody whom that identity provider knows is an officer of the ministry now."""
    in_time = {"since": {"$lte": reader.now}, "until": {"$not": {"$lte": reader.now}}}
    grants = {"$elemMatch": {"role": "ministry", **in_time}}
    return bool(reader.find("people", {"issuer": issuer, "grants": grants}, limit=1, fields=["_id"]))


def list_people(reader: Reader, proposed: bool, after: str | None, limit: int) -> Page[Person]:
    """The people by id, after that id; only those for whom a role is proposed, or all."""
    return list_page(reader, Person, {"proposals.0": {"$exists": True}} if proposed else {}, after, limit)


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


def load_answers(tx: Transaction, participation: str, codes: Iterable[str]) -> None:
    """Read answers and their heads by one query each, so that saving several costs none for each."""
    named = list(codes)
    tx.load("answers", [answer_id(participation, code) for code in named])
    tx.load("heads", [answer_subject(participation, code) for code in named])


def find_filled(reader: Reader, participation: str) -> dict[str, Filled]:
    """What is answered with a value, by indicator, without the texts."""
    where = {"participation": participation, "value": {"$ne": ""}}
    rows = reader.find("answers", where, fields=["indicator", "value", "evidence.sha256"])
    return {row["indicator"]: Filled(row["value"], len(row["evidence"])) for row in rows}


def find_ticks(reader: Reader, participation: str) -> dict[str, tuple[str, ...]]:
    """The conditions that are ticked, by indicator."""
    rows = reader.find("ticks", {"participation": participation}, [("_id", 1)])
    return {row["indicator"]: tuple(row["conditions"]) for row in rows if row["conditions"]}


def find_exhibits(reader: Reader, participation: str) -> dict[str, tuple[Exhibit, ...]]:
    """The files that the answers of a participation name, by indicator."""
    rows = reader.find("answers", {"participation": participation}, fields=["indicator", "evidence"])
    return {row["indicator"]: tuple(Exhibit(**each) for each in row["evidence"]) for row in rows}


def find_named_hashes(reader: Reader, participation: str, but: str) -> set[str]:
    """The hashes of the files that the answers of a participation name, but for one indicator's."""
    where = {"participation": participation, "indicator": {"$ne": but}}
    rows = reader.find("answers", where, fields=["evidence.sha256"])
    return {exhibit["sha256"] for row in rows for exhibit in row["evidence"]}


def save_answer(tx: Transaction, answer: Answer) -> Answer:
    """Keep an answer, and this version of it for ever."""
    saved = save(tx, answer)
    tx.append("answer_versions", to_document(saved) | {"_id": f"{saved.id}.{saved.rev}"})
    return saved


def find_versions(reader: Reader, participation: str, wanted: Iterable[tuple[str, int]]) -> dict[str, Answer]:
    """Saved versions of answers, each wanted as (indicator, version), by indicator."""
    ids = {f"{answer_id(participation, code)}.{rev}": answer_id(participation, code) for code, rev in wanted}
    rows = reader.find("answer_versions", {"_id": {"$in": sorted(ids)}}) if ids else []
    return {row["indicator"]: from_document(Answer, {**row, "_id": ids[row["_id"]]}) for row in rows}


def list_answer_versions(
    reader: Reader, participation: str, indicator: str, after: int, limit: int
) -> Page[Answer]:
    """The saved versions of one answer after version `after`, oldest first."""
    where = {"participation": participation, "indicator": indicator, "rev": {"$gt": after}}
    rows = reader.find_page("answer_versions", where, [("rev", 1)], limit)
    return rows.map(lambda row: from_document(Answer, {**row, "_id": answer_id(participation, indicator)}))


# idempotency


def find_reply(tx: Transaction, id: str) -> Reply | None:
    """The answer to a request that was carried out before."""
    row = tx.get("idempotency", id)
    return from_document(Reply, row) if row else None


def add_reply(tx: Transaction, id: str, reply: Reply) -> None:
    """Keep the answer to a request."""
    tx.insert("idempotency", to_document(reply, _id=id, at=tx.now))
