"""What people chose for themselves."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from services.intake.domain.profiles import Profile
from shared.storage import documents
from shared.storage.documents import from_document
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {"profiles": ()}


def find_profile(reader: Reader, id: str) -> Profile | None:
    """A profile by its id, or None."""
    row = reader.get("profiles", id)
    return from_document(Profile, row) if row else None


def save_profile(tx: Transaction, profile: Profile) -> Profile:
    """Keep what somebody chose."""
    return documents.save(tx, "profiles", profile)
