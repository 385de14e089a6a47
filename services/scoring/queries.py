"""What scoring shows, each thing only to whom it may know of it."""

from collections.abc import Mapping
from typing import Any

from services.scoring import domain, store
from services.scoring.domain import Result, Score, Wanted
from shared.core.errors import NotFound
from shared.core.people import Caller
from shared.signing.keys import PublicKey
from shared.storage.reader import Reader


def score(reader: Reader, caller: Caller, id: str) -> Score:
    """A score with all its nodes; raises NotFound."""
    return domain.seen_score(store.score(reader, id), caller)


def scores(reader: Reader, caller: Caller, wanted: Wanted) -> list[Score]:
    """The scores that are wanted and that the caller may see, by id, without their nodes."""
    return store.scores(reader, domain.seen_scores(wanted, caller))


def result(reader: Reader, caller: Caller, submission: str) -> Result:
    """A result with all its nodes; raises NotFound."""
    return domain.seen_result(store.result(reader, submission), caller)


def results(reader: Reader, caller: Caller, wanted: Wanted) -> list[Result]:
    """The results that are wanted and that the caller may see, by id, without their nodes."""
    return store.results(reader, domain.seen_results(wanted, caller))


def receipt(reader: Reader, caller: Caller, submission: str) -> Mapping[str, Any]:
    """The receipt of a published result; raises NotFound."""
    found = result(reader, caller, submission).receipt
    if found is None:
        raise NotFound("This result is not published yet: its receipt is made at publication.")
    return found


def score_ids(reader: Reader, after: str, limit: int) -> list[str]:
    """The ids of all scores, in order, after an id."""
    return [one.id for one in store.scores(reader, Wanted(None, None, after, limit))]


def recheck(reader: Reader, id: str, publics: Mapping[str, PublicKey]) -> list[str]:
    """Each way in which a score, or the result that stands on it, is not what it rests on."""
    one = store.score(reader, id)
    if one is None or not store.knows_edition(reader, one.basis.edition):
        return ["its edition is gone"] if one else ["it is gone"]
    instrument = store.instrument(reader, one.basis.edition)
    found = list(domain.differences(one, store.rows(reader, id), instrument, publics))
    if one.basis.kind != "final":
        return found
    result = store.result(reader, one.basis.submission)
    return [*found, *domain.result_differences(result, publics)] if result else [*found, "its result is gone"]
