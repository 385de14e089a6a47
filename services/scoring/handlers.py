"""What scoring hears: copies of intake's things, and every set of values that there is to score."""

from functools import partial

from services.scoring import commands
from services.scoring.domain import FINAL, SELF, score_id
from shared.editions import EDITIONS
from shared.events.intake import AgencySet, EditionPublished, MemberSet, SubmissionSealed
from shared.events.review import AssessorSet, ReviewFinalised, StageCompleted
from shared.hearing import Handlers, Hears
from shared.keys import KeyRing
from shared.members import ASSESSORS, MEMBERS
from shared.settings import Settings

Touched = list[tuple[str, str]]


def handlers(settings: Settings) -> Handlers:
    """The handlers, with the keys to sign a final score."""
    ring = KeyRing.load(settings.keys, settings.service)
    return {
        EditionPublished: EDITIONS,
        AgencySet: Hears(
            commands.keep_agency,
            lambda fact: [("agencies", fact.agency), ("heads", f"agency:{fact.agency}")],
        ),
        MemberSet: MEMBERS,
        AssessorSet: ASSESSORS,
        SubmissionSealed: Hears(commands.score_answers, lambda fact: _touched(fact, SELF)),
        StageCompleted: Hears(commands.score_stage, lambda fact: _touched(fact, fact.stage)),
        ReviewFinalised: Hears(partial(commands.score_final, ring=ring), _touched_finally),
    }


def _touched(fact: SubmissionSealed | StageCompleted | ReviewFinalised, stage: str) -> Touched:
    id = score_id(fact.submission, stage)
    return [
        ("editions", fact.edition),
        ("agencies", fact.agency),
        ("scores", id),
        ("heads", f"score:{id}"),
    ]


def _touched_finally(fact: ReviewFinalised) -> Touched:
    of_result = [("results", fact.submission), ("heads", f"result:{fact.submission}")]
    return _touched(fact, FINAL) + of_result
