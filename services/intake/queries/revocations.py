"""What officers want of the signing keys."""

from collections.abc import Mapping, Sequence

from services.intake.domain.revocations import Revocation
from services.intake.store import directory
from services.intake.store import revocations as kept
from shared.storage.reader import Reader


def list_revocations(reader: Reader) -> tuple[Sequence[Revocation], Mapping[str, str]]:
    """All proposals and orders, the newest first, with the names of who made and confirmed them."""
    found = kept.list_revocations(reader)
    people = {id for one in found for id in (one.by, one.confirmed_by) if id}
    return found, directory.person_names(reader, people)
