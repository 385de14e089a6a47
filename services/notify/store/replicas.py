"""Replicas of other services' data, each as of the last event about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.notify import domain
from services.notify.domain import Subscription, TimedGrant
from shared.storage.documents import from_document
from shared.storage.reader import Reader


@dataclass(frozen=True)
class _Person:
    grants: tuple[TimedGrant, ...]


def is_agency_known(reader: Reader, id: str) -> bool:
    """Whether an event of that agency came."""
    return reader.get("agencies", id) is not None


def is_entitled(reader: Reader, subscription: Subscription) -> bool:
    """Whether the owner of a subscription may see its scope at this moment; the ministry's own may always be seen."""
    return domain.is_entitled(subscription, _find_grants(reader, subscription.owner), reader.now)


def _find_grants(reader: Reader, person: str | None) -> Sequence[TimedGrant]:
    doc = reader.get("people", person) if person else None
    return from_document(_Person, doc).grants if doc else ()
