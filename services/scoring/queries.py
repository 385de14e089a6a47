"""What scoring shows, each thing only to whom it may know of it."""

from collections.abc import Mapping
from typing import Any

from services.scoring import domain, store
from services.scoring.domain import Result, Score, Wanted
from shared.errors import NotFound
from shared.people import Caller
from shared.transaction import View


def score(view: View, caller: Caller, id: str) -> Score:
    """A score with all its nodes; raises NotFound."""
    return domain.seen_score(store.score(view, id), caller)


def scores(view: View, caller: Caller, wanted: Wanted) -> list[Score]:
    """The scores that are wanted and that the caller may see, by id, without their nodes."""
    return store.scores(view, domain.seen_scores(wanted, caller))


def result(view: View, caller: Caller, submission: str) -> Result:
    """A result with all its nodes; raises NotFound."""
    return domain.seen_result(store.result(view, submission), caller)


def results(view: View, caller: Caller, wanted: Wanted) -> list[Result]:
    """The results that are wanted and that the caller may see, by id, without their nodes."""
    return store.results(view, domain.seen_results(wanted, caller))


def receipt(view: View, caller: Caller, submission: str) -> Mapping[str, Any]:
    """The receipt of a published result; raises NotFound."""
    found = result(view, caller, submission).receipt
    if found is None:
        raise NotFound("This result is not published yet: its receipt is made at publication.")
    return found
