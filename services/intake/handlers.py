"""What intake consumes: how far an agency's case is, what its assessors ask, and which claims are over."""

from services.intake import commands
from shared.events.review import (
    ClarificationAsked,
    ClarificationWithdrawn,
    ReviewFinalised,
    StageCompleted,
    TaskAssigned,
    TaskFinished,
    TaskReleased,
)
from shared.events.scoring import ResultApproved, ResultPublished, ScoreComputed
from shared.messaging.inbox import Handler, Handlers


def _reads(event: StageCompleted | ReviewFinalised | ResultPublished) -> list[tuple[str, str]]:
    return [
        ("participations", event.participation),
        ("heads", f"participation:{event.participation}"),
    ]


def _reads_of_claim(event: TaskReleased | TaskFinished) -> list[tuple[str, str]]:
    return [("ended_claims", event.task), ("heads", f"claims:{event.task}")]


def _reads_of_question(event: ClarificationAsked | ClarificationWithdrawn) -> list[tuple[str, str]]:
    return [
        ("participations", event.participation),
        ("clarifications", event.clarification),
        ("heads", f"clarification:{event.clarification}"),
    ]


HANDLERS: Handlers = {
    StageCompleted: Handler(commands.note_stage, _reads),
    ResultPublished: Handler(commands.note_result, _reads),
    ClarificationAsked: Handler(commands.note_asked, _reads_of_question),
    ClarificationWithdrawn: Handler(commands.note_withdrawn, _reads_of_question),
    TaskAssigned: Handler(commands.note_claimed_task),
    TaskReleased: Handler(commands.note_ended_claim, _reads_of_claim),
    TaskFinished: Handler(commands.note_ended_claim, _reads_of_claim),
    ReviewFinalised: Handler(commands.note_review_end, _reads),
    ScoreComputed: Handler(commands.note_score),
    ResultApproved: Handler(commands.note_approval),
}
