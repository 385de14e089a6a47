"""Questions to the agency: asked when a stage is over, asked anew or taken back in the next, and answered."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from services.review import domain, store
from services.review.commands.events import publish_clarification_asked, publish_clarification_withdrawn
from services.review.commands.leases import require_held
from services.review.domain import (
    Case,
    Clarification,
    ClarificationAnswer,
    ClarificationMark,
    QuestionOrder,
    SubmittedFile,
    Task,
)
from shared.events.intake import ClarificationAnswered
from shared.messaging.inbox import MissingDependency, Superseded
from shared.storage.transaction import Transaction


def ask_agency(tx: Transaction, case: Case, task: Task, marks: Sequence[ClarificationMark]) -> None:
    """Ask the agency what the stage before marked for the stage of a new task, where that one hears the agency."""
    for mark in marks if domain.hears_agency(task.stage) else ():
        asked = Clarification(
            id=domain.clarification_id(task.id, mark.indicator),
            case=case.id,
            task=task.id,
            participation=case.participation,
            cycle=case.cycle,
            agency=case.agency,
            stage=task.stage,
            indicator=mark.indicator,
            question=mark.question,
            asked_at=tx.now,
            until=tx.now + case.answer_time,
        )
        publish_clarification_asked(tx, store.save_clarification(tx, asked))


def revise_question(tx: Transaction, id: str, indicator: str, order: QuestionOrder) -> Clarification:
    """Ask anew what the caller's task goes by at an indicator, or take it back; again taken back changes nothing."""
    task = require_held(tx, id, order.fence, {**order.yours, "indicator": indicator})
    known = store.find_clarification(tx, domain.clarification_id(task.id, indicator))
    time = store.require_case(tx, task.case).answer_time
    after = domain.revised(known, order.question, tx.now, time)
    if after == known:
        return after
    saved = store.save_clarification(tx, after)
    publish = publish_clarification_withdrawn if saved.withdrawn_at else publish_clarification_asked
    publish(tx, saved)
    return saved


def note_answer(tx: Transaction, event: ClarificationAnswered) -> None:
    """Keep what the agency answered, for good, also where the question was asked anew or taken back meanwhile."""
    known = store.find_clarification(tx, event.clarification)
    if known is None:
        raise MissingDependency(f"clarification:{event.clarification}")
    if known.answer:
        raise Superseded("this question is answered already")
    answer = ClarificationAnswer(
        words=event.words,
        words_sha256=event.words_sha256,
        files=msgspec.convert(event.files, tuple[SubmittedFile, ...], from_attributes=True),
        answered_at=event.answered_at,
        version=event.version,
        noted_at=tx.now,
    )
    store.save_clarification(tx, replace(known, answer=answer))
    tx.audit(
        f"clarification:{known.id}",
        "clarification.answer-noted",
        words=answer.words_sha256,
        files=[file.sha256 for file in answer.files],
    )
