"""What scoring consumes: replicas of intake's data, and every set of values that there is to score."""

from functools import partial

from services.scoring import commands
from services.scoring.domain import FINAL, SELF, score_id
from shared.core.settings import Settings
from shared.events.intake import (
    AgencySet,
    CycleOpened,
    EditionPublished,
    MemberSet,
    SessionEnded,
    SubmissionSealed,
)
from shared.events.review import AssessorSet, ReviewFinalised, StageCompleted
from shared.messaging.inbox import Handler, Handlers
from shared.replicas.agencies import AGENCIES
from shared.replicas.cycles import CYCLES
from shared.replicas.editions import EDITIONS
from shared.replicas.members import ASSESSORS, MEMBERS, assessor_key
from shared.replicas.sessions import ENDED_SESSIONS
from shared.signing.keys import KeyRing

DocumentIds = list[tuple[str, str]]


def handlers(settings: Settings) -> Handlers:
    """The handlers, with the keys to sign a final score."""
    ring = KeyRing.load(settings.keys, settings.service)
    return {
        EditionPublished: EDITIONS,
        AgencySet: AGENCIES,
        CycleOpened: CYCLES,
        MemberSet: MEMBERS,
        SessionEnded: ENDED_SESSIONS,
        AssessorSet: ASSESSORS,
        SubmissionSealed: Handler(commands.score_answers, lambda event: _reads(event, SELF)),
        StageCompleted: Handler(commands.score_stage, lambda event: _reads(event, event.stage)),
        ReviewFinalised: Handler(partial(commands.score_final, ring=ring), _reads_of_final),
    }


def _reads(event: SubmissionSealed | StageCompleted | ReviewFinalised, stage: str) -> DocumentIds:
    id = score_id(event.submission, stage)
    return [
        ("editions", event.edition),
        ("agencies", event.agency),
        ("scores", id),
        ("heads", f"score:{id}"),
    ]


def _reads_of_final(event: ReviewFinalised) -> DocumentIds:
    of_result = [("results", event.submission), ("heads", f"result:{event.submission}")]
    assessors = [("people", assessor_key(id)) for id in event.assessors]
    return _reads(event, FINAL) + of_result + assessors
