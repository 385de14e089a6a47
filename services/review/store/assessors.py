"""Assessors, and what the guard at the doors knows of them."""

import re
from collections.abc import Iterable
from datetime import datetime

from services.review.domain import Assessor, AssessorFilter, KnownPerson, serving
from services.review.store.replicas import says
from shared.core.people import Caller
from shared.replicas.members import assessor_of
from shared.storage.documents import from_document, save
from shared.storage.reader import Doc, Page, Reader
from shared.storage.transaction import Transaction


def find_assessor(reader: Reader, id: str) -> Assessor | None:
    """An assessor by its id."""
    doc = reader.get("assessors", id)
    return from_document(Assessor, doc) if doc else None


def find_assessor_by_token(reader: Reader, issuer: str, subject: str) -> Assessor | None:
    """The assessor whose tokens name this issuer and subject."""
    docs = reader.find("assessors", {"issuer": issuer, "subject": subject})
    return from_document(Assessor, docs[0]) if docs else None


def list_assessors_once_known_as(reader: Reader, issuer: str, subject: str) -> list[Assessor]:
    """The assessors whose tokens name this issuer and subject, or once did."""
    identity = {"issuer": issuer, "subject": subject}
    docs = reader.find("assessors", {"$or": [identity, {"past": {"$elemMatch": identity}}]})
    return [from_document(Assessor, doc) for doc in docs]


def find_caller_assessor(reader: Reader, caller: Caller) -> Assessor | None:
    """The assessor that a caller is, with the conflicts of interest that its own roles are; None for somebody else."""
    assessor = find_assessor_by_token(reader, caller.issuer, caller.subject)
    return serving(assessor, caller, reader.now) if assessor else None


def find_assessors(reader: Reader, ids: Iterable[str]) -> dict[str, Assessor]:
    """Those of these assessors that there are, by id."""
    docs = reader.find("assessors", {"_id": {"$in": sorted(set(ids))}})
    return {doc["_id"]: from_document(Assessor, doc) for doc in docs}


def find_assessors_by_subject(
    reader: Reader, issuer: str, subjects: Iterable[str]
) -> dict[tuple[str, str], Assessor]:
    """The assessors whom one identity provider knows by these subjects, by identity."""
    docs = reader.find("assessors", {"issuer": issuer, "subject": {"$in": sorted(set(subjects))}})
    found = (from_document(Assessor, doc) for doc in docs)
    return {assessor.identity: assessor for assessor in found}


def list_taken_ids(reader: Reader, stem: str) -> frozenset[str]:
    """The ids of assessors that begin so."""
    docs = reader.find("assessors", {"_id": {"$regex": f"^{re.escape(stem)}"}}, fields=["_id"])
    return frozenset(doc["_id"] for doc in docs)


def list_assessors(reader: Reader, wanted: AssessorFilter, after: str | None, limit: int) -> Page[Assessor]:
    """The assessors that are asked for, by id, after that id."""
    conditions = [
        *([{"_id": {"$gt": after}}] if after else []),
        *([_in_state(wanted.state, reader.now)] if wanted.state else []),
        *says(wanted.words, "name", "_id"),
    ]
    where = {"$and": conditions} if conditions else {}
    rows = reader.find_page("assessors", where, [("_id", 1)], limit)
    return rows.map(lambda row: from_document(Assessor, row))


def _in_state(state: str, now: datetime) -> Doc:
    begun: Doc = {"since": {"$lte": now}}
    return {
        "planned": {"since": {"$gt": now}},
        "serving": {**begun, "$or": [{"until": None}, {"until": {"$gt": now}}]},
        "over": {**begun, "until": {"$ne": None, "$lte": now}},
    }[state]


def find_person(reader: Reader, id: str) -> KnownPerson | None:
    """Somebody whom intake knows by this id."""
    doc = reader.get("people", id)
    return from_document(KnownPerson, doc) if doc and _is_person(doc) else None


def list_people(reader: Reader, words: tuple[str, ...], limit: int) -> list[KnownPerson]:
    """People whom intake knows whose name says every word, by name."""
    people: Doc = {"_id": {"$not": re.compile("^assessor:")}}
    where = {"$and": [people, *says(words, "name")]}
    return [from_document(KnownPerson, row) for row in reader.find("people", where, [("name", 1)], limit)]


def _is_person(doc: Doc) -> bool:
    return assessor_of(doc) is None


def save_assessor(tx: Transaction, assessor: Assessor) -> Assessor:
    """Keep an assessor; gives it as stored."""
    return save(tx, "assessors", assessor)


def save_person(tx: Transaction, person: Doc) -> None:
    """Keep who somebody is and what it may do (a `person_doc`), for the guard at the doors."""
    tx.put("people", person)
