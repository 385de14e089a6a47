"""Which agencies of a cycle have questions of the assessors to answer, and by whose answers a stage goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.intake.domain.clarifications import is_stage_over
from services.intake.domain.participations import Participation
from shared.instrument import Edition

ASKED, ANSWERED = QUESTIONS = ("asked", "answered")
"""May answer a question now; answered one for a stage that is not over."""


@dataclass(frozen=True)
class StageQuestions:
    """The questions to one participation for one stage: can any still be answered in time, was any answered."""

    participation: str
    stage: str
    is_open: bool
    is_answered: bool


@dataclass(frozen=True)
class Awaited:
    """The participations with a question to answer, and those whose answers wait for an assessor, by id."""

    asked: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()

    @property
    def numbers(self) -> Mapping[str, int]:
        """How many are at each of QUESTIONS."""
        return {ASKED: len(self.asked), ANSWERED: len(self.answered)}

    def at(self, place: str | None) -> frozenset[str] | None:
        """Who is at one of QUESTIONS; None for every other place."""
        places = {ASKED: self.asked, ANSWERED: self.answered}
        return places.get(place or "")


def awaited_of(
    found: Iterable[StageQuestions], participations: Mapping[str, Participation], edition: Edition
) -> Awaited:
    """Who is waited for by the questions of a cycle, as far as their stages are not over."""
    live = [one for one in found if not is_stage_over(one.stage, participations[one.participation], edition)]
    return Awaited(
        frozenset(one.participation for one in live if one.is_open),
        frozenset(one.participation for one in live if one.is_answered),
    )
