"""Scores, each only to whom it may be shown, and what is wrong with one when it is computed anew."""

from collections.abc import Mapping

from services.scoring import domain, store
from services.scoring.domain import RecheckInputs, Score, ScoreFilter
from shared.core.people import Caller
from shared.signing.keys import PublicKey
from shared.storage.reader import Page, Reader


def get_score(reader: Reader, caller: Caller, id: str) -> Score:
    """A score with all its nodes; raises NotFound."""
    return domain.require_visible_score(store.find_score(reader, id), caller)


def list_scores(
    reader: Reader, caller: Caller, wanted: ScoreFilter, after: str | None, limit: int
) -> Page[Score]:
    """The scores that are wanted and that the caller may see, by id, without their nodes."""
    return store.list_scores(reader, domain.visible_scores(wanted, caller), after, limit)


def list_score_ids(reader: Reader, after: str, limit: int) -> list[str]:
    """The ids of all scores, in order, after an id."""
    return [score.id for score in store.list_scores(reader, ScoreFilter(), after, limit).rows]


def recheck(reader: Reader, id: str, publics: Mapping[str, PublicKey]) -> list[str]:
    """Each way in which a score, or the result that stands on it, is not what it rests on; empty when it is."""
    score = store.find_score(reader, id)
    if score is None:
        return ["it is gone"]
    inputs = RecheckInputs(
        rows=store.find_rows(reader, id),
        instrument=store.find_instrument(reader, score.basis.edition),
        result=store.find_result(reader, score.basis.submission) if score.is_final else None,
    )
    return list(domain.differences(score, inputs, publics))
