"""Proposals and orders to revoke signing keys."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from services.intake.domain.revocations import Revocation
from shared.storage import documents
from shared.storage.documents import from_document
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {"key_revocations": ()}


def find_revocation(reader: Reader, id: str) -> Revocation | None:
    """What is proposed or ordered for a key, or None."""
    row = reader.get("key_revocations", id)
    return from_document(Revocation, row) if row else None


def list_revocations(reader: Reader) -> list[Revocation]:
    """All that is proposed or ordered."""
    return [from_document(Revocation, row) for row in reader.find("key_revocations", {}, [("at", -1)])]


def save_revocation(tx: Transaction, revocation: Revocation) -> Revocation:
    """Keep a proposal, or its confirmation."""
    return documents.save(tx, "key_revocations", revocation)
