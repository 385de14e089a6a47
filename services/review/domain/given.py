"""Ratings that nobody gives: their values come from indices of other ministries, or are assumed until these come."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.review.domain.cases import Case
from services.review.domain.ratings import Explanation, NewId, Rating
from shared.instrument import Edition
from shared.instrument.given import GivenValue


def with_given(
    case: Case,
    edition: Edition,
    ratings: Sequence[Rating],
    given: Mapping[str, GivenValue],
    made: tuple[datetime, NewId],
) -> list[Rating]:
    """The ratings of the present stage with those that nobody gives, in the edition's order."""
    by_indicator = {rating.indicator: rating for rating in ratings}
    by_indicator |= {code: _given(case, edition, code, one, made) for code, one in given.items()}
    return [by_indicator[code] for code in edition.codes]


def _given(case: Case, edition: Edition, code: str, one: GivenValue, made: tuple[datetime, NewId]) -> Rating:
    now, new_id = made
    explanation = _explanation(edition, code, one)
    return Rating(
        id=new_id(),
        case=case.id,
        stage=case.current_stage,
        indicator=code,
        value=one.value,
        author=None,
        words_sha256=explanation.sha256,
        at=now,
        origin=one.origin,
        explanation=explanation,
    )


def _explanation(edition: Edition, code: str, one: GivenValue) -> Explanation:
    source = edition.node(code).source
    if one.index is None or source is None:
        return Explanation("", "", "")
    return Explanation(f"{source.name['id']} {one.index.year}: {one.index.index}", one.index.provenance, "")
