"""Who may open a case."""

from services.review.domain.assessors import Assessor
from services.review.domain.cases import Case
from services.review.domain.tasks import Task
from shared.core.errors import NotFound
from shared.core.people import Caller


def check_sees(case: Case | None, caller: Caller, held: Task | None, me: Assessor | None) -> Case:
    """The case, for the ministry and for the assessor who holds a task of it; never with a conflict of interest.

    Everybody else gets the NotFound that a case which does not exist gives.
    """
    if case is not None and (caller.has("ministry") or held) and not _barred(case, me):
        return case
    raise _no_case()


def check_holds(case: Case | None, held: Task | None, me: Assessor | None) -> Case:
    """The case, for the assessor who holds a task of it without a conflict of interest; NotFound for all others."""
    if case is not None and held and not _barred(case, me):
        return case
    raise _no_case()


def _barred(case: Case, me: Assessor | None) -> bool:
    return me is not None and case.agency in me.barred


def _no_case() -> NotFound:
    return NotFound("There is no such case among those that you may open now.")
