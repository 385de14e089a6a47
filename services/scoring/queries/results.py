"""Results, each only to whom it may be shown."""

from collections.abc import Mapping
from typing import Any

from services.scoring import domain, store
from services.scoring.domain import Result, ResultFilter
from shared.core.people import Caller
from shared.storage.reader import Page, Reader


def get_result(reader: Reader, caller: Caller, submission: str) -> Result:
    """A result with all its nodes; raises NotFound."""
    return domain.require_visible_result(store.find_result(reader, submission), caller)


def list_results(
    reader: Reader, caller: Caller, wanted: ResultFilter, after: str | None, limit: int
) -> Page[Result]:
    """The results that are wanted and that the caller may see, by id, without their nodes."""
    return store.list_results(reader, domain.visible_results(wanted, caller), after, limit)


def get_receipt(reader: Reader, caller: Caller, submission: str) -> Mapping[str, Any]:
    """The receipt of a published result, as its kind in shared/signing/receipts.py says; raises NotFound."""
    return domain.require_receipt(get_result(reader, caller, submission))
