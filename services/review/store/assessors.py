"""Assessors, and what the guard at the doors knows of them."""

from services.review.domain import Assessor, serving
from shared.core.people import Caller
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


def find_caller_assessor(reader: Reader, caller: Caller) -> Assessor | None:
    """The assessor that a caller is, with the conflicts of interest that its own roles are; None for somebody else."""
    assessor = find_assessor_by_token(reader, caller.issuer, caller.subject)
    return serving(assessor, caller, reader.now) if assessor else None


def list_assessors(reader: Reader, after: str | None, limit: int) -> Page[Assessor]:
    """Assessors by id, after that id."""
    where = {"_id": {"$gt": after}} if after else {}
    rows = reader.find_page("assessors", where, [("_id", 1)], limit)
    return rows.map(lambda row: from_document(Assessor, row))


def save_assessor(tx: Transaction, assessor: Assessor) -> Assessor:
    """Keep an assessor; gives it as stored."""
    return save(tx, "assessors", assessor)


def save_person(tx: Transaction, person: Doc) -> None:
    """Keep who somebody is and what it may do (a `person_doc`), for the guard at the doors."""
    tx.put("people", person)
