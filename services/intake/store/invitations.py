"""Invitations, kept for half a year after their end."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from pymongo import IndexModel

from services.intake.domain.invitations import Invitation
from shared.storage import documents
from shared.storage.documents import from_document
from shared.storage.reader import Page, Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "invitations": (
        IndexModel([("agency", 1), ("_id", 1)]),
        IndexModel([("made", -1), ("_id", -1)]),
        IndexModel([("until", 1)], expireAfterSeconds=180 * 86_400),
    ),
}


def find_invitation(reader: Reader, id: str) -> Invitation | None:
    """An invitation by its id, or None."""
    row = reader.get("invitations", id)
    return from_document(Invitation, row) if row else None


def save_invitation(tx: Transaction, invitation: Invitation) -> Invitation:
    """Keep an invitation, its use or its revocation."""
    return documents.save(tx, "invitations", invitation)


def list_invitations(
    reader: Reader, agencies: Set[str] | None, after: str | None, limit: int
) -> Page[Invitation]:
    """The invitations for those agencies, by id, after that id; None: all."""
    where: dict[str, Any] = {"_id": {"$gt": after}} if after else {}
    if agencies is not None:
        where["agency"] = {"$in": sorted(agencies)}
    rows = reader.find_page("invitations", where, [("_id", 1)], limit)
    return rows.map(lambda row: from_document(Invitation, row))


def list_newest_invitations(
    reader: Reader, agencies: Set[str] | None, after: str | None, limit: int
) -> Page[Invitation]:
    """The invitations for those agencies (None: all), the newest first, after that one."""
    conditions: list[dict[str, Any]] = [{}]
    if agencies is not None:
        conditions.append({"agency": {"$in": sorted(agencies)}})
    last = reader.get("invitations", after) if after else None
    if last:
        older = {"made": last["made"], "_id": {"$lt": last["_id"]}}
        conditions.append({"$or": [{"made": {"$lt": last["made"]}}, older]})
    rows = reader.find_page("invitations", {"$and": conditions}, [("made", -1), ("_id", -1)], limit)
    return rows.map(lambda row: from_document(Invitation, row))
