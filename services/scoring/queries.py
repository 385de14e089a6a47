"""What scoring shows, each thing only to whom it may know of it."""

from collections.abc import Mapping
from typing import Any

from services.scoring import domain, store
from services.scoring.domain import Result, Score, Wanted
from shared.errors import NotFound
from shared.keys import PublicKey
from shared.people import Caller
from shared.view import View


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


def score_ids(view: View, after: str, limit: int) -> list[str]:
    """The ids of all scores, in order, after an id."""
    return [one.id for one in store.scores(view, Wanted(None, None, after, limit))]


def recheck(view: View, id: str, publics: Mapping[str, PublicKey]) -> list[str]:
    """Each way in which a score, or the result that stands on it, is not what it rests on."""
    one = store.score(view, id)
    if one is None or not store.knows_edition(view, one.basis.edition):
        return ["its edition is gone"] if one else ["it is gone"]
    instrument = store.instrument(view, one.basis.edition)
    found = list(domain.differences(one, store.rows(view, id), instrument, publics))
    if one.basis.kind != "final":
        return found
    result = store.result(view, one.basis.submission)
    return [*found, *domain.result_differences(result, publics)] if result else [*found, "its result is gone"]
