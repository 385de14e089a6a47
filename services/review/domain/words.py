"""What the assessors wrote, for the people of the agency, once its result is published: words, and nobody's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.review.domain.cases import Case
from services.review.domain.ratings import Explanation, Rating
from shared.core.errors import NotFound
from shared.core.people import AGENCY_ROLES, Caller


@dataclass(frozen=True)
class Words:
    """Why an indicator has its final value: what was written in the stage from which the value comes.

    `explanation` is None where no assessor wrote anything: the agency's own value was taken over.
    """

    indicator: str
    value: str
    stage: str
    explanation: Explanation | None


def check_reads_words(case: Case | None, caller: Caller) -> Case:
    """The case, for the people of its agency once its result is published, if its cycle shows them the words.

    Everybody else, officers and assessors too, gets the NotFound that a case which does not exist gives.
    """
    if case and _are_shown(case) and caller.has(*AGENCY_ROLES, agency=case.agency):
        return case
    raise NotFound("There are no such words of your agency, or its result is not published yet.")


def _are_shown(case: Case) -> bool:
    return case.shows_words and case.finalised_at is not None and case.published_at is not None


def sources(final: Sequence[Rating]) -> list[str]:
    """The rows on whose explanations the final ratings stand, by id, in their order."""
    return [rating.source or rating.id for rating in final]


def words_of(final: Sequence[Rating], written: Mapping[str, Rating]) -> list[Words]:
    """The words of each final rating, of rows by their ids; who wrote them, and what they pinned, stays behind."""
    rows = [(rating, written[source]) for rating, source in zip(final, sources(final), strict=True)]
    return [Words(rating.indicator, rating.value, row.stage, row.explanation) for rating, row in rows]
