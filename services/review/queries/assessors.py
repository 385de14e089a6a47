"""Assessors."""

from services.review import domain, store
from services.review.domain import Assessor, AssessorFilter
from shared.core.people import Caller
from shared.storage.reader import Page, Reader


def list_assessors(reader: Reader, after: str | None, limit: int) -> Page[Assessor]:
    """Assessors by id, after that id."""
    return store.list_assessors(reader, AssessorFilter(), after, limit)


def get_assessor(reader: Reader, caller: Caller, id: str) -> Assessor:
    """One assessor, for the ministry or for itself; raises NotFound."""
    return domain.check_sees_assessor(store.find_assessor(reader, id), caller, id)
