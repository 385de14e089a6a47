"""What scoring consumes: replicas of intake's data, and every set of values that there is to score."""

from functools import partial

from services.scoring import commands
from services.scoring.domain import FINAL, SELF, score_id
from shared.core.settings import Settings
from shared.events.intake import AgencySet, EditionPublished, MemberSet, SubmissionSealed
from shared.events.review import AssessorSet, ReviewFinalised, StageCompleted
from shared.messaging.inbox import Handler, Handlers
from shared.replicas.editions import EDITIONS
from shared.replicas.members import ASSESSORS, MEMBERS
from shared.signing.keys import KeyRing

TouchedIds = list[tuple[str, str]]


def handlers(settings: Settings) -> Handlers:
    """The handlers, with the keys to sign a final score."""
    ring = KeyRing.load(settings.keys, settings.service)
    return {
        EditionPublished: EDITIONS,
        AgencySet: Handler(
            commands.replicate_agency,
            lambda event: [("agencies", event.agency), ("heads", f"agency:{event.agency}")],
        ),
        MemberSet: MEMBERS,
        AssessorSet: ASSESSORS,
        SubmissionSealed: Handler(commands.score_answers, lambda event: _touched(event, SELF)),
        StageCompleted: Handler(commands.score_stage, lambda event: _touched(event, event.stage)),
        ReviewFinalised: Handler(partial(commands.score_final, ring=ring), _touched_by_final),
    }


def _touched(event: SubmissionSealed | StageCompleted | ReviewFinalised, stage: str) -> TouchedIds:
    id = score_id(event.submission, stage)
    return [
        ("editions", event.edition),
        ("agencies", event.agency),
        ("scores", id),
        ("heads", f"score:{id}"),
    ]


def _touched_by_final(event: ReviewFinalised) -> TouchedIds:
    of_result = [("results", event.submission), ("heads", f"result:{event.submission}")]
    return _touched(event, FINAL) + of_result
