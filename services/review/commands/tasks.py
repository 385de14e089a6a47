"""Working on a task that the caller holds: mark, finish."""

from collections.abc import Sequence

from services.review import domain, store
from services.review.commands.events import case_subject, publish_task_finished
from services.review.commands.leases import require_assessor, require_held
from services.review.commands.stages import close_stage, edition_of
from services.review.domain import (
    Case,
    ClarificationMark,
    LeaseOrder,
    MarkOrder,
    QuestionOrder,
    Rating,
    Task,
)
from shared.instrument.given import judged_codes
from shared.storage.transaction import Transaction


def mark(tx: Transaction, id: str, order: MarkOrder) -> Task:
    """Mark the indicators that the next stage has to clarify, in place of those marked before."""
    return _mark(tx, require_held(tx, id, order.fence, order.yours), order.marks)


def ask(tx: Transaction, id: str, indicator: str, order: QuestionOrder) -> Task:
    """Mark one indicator for the next stage, or take its mark back; the other marks stay as they are."""
    task = require_held(tx, id, order.fence, {**order.yours, "indicator": indicator})
    return _mark(tx, task, domain.marks_with(task, indicator, order.question))


def _mark(tx: Transaction, task: Task, marks: Sequence[ClarificationMark]) -> Task:
    case = store.require_case(tx, task.case)
    edition = edition_of(tx, case)
    visit = store.require_participation(tx, case.participation).visit
    task = domain.mark(task, marks, judged_codes(edition), domain.next_stage(case, edition, visit))
    store.save_marks(tx, task)
    indicators = [mark.indicator for mark in task.marks]
    tx.audit(case_subject(case.id), "clarifications.marked", task=task.id, indicators=indicators)
    return store.save_task(tx, task)


def finish(tx: Transaction, id: str, order: LeaseOrder) -> Task:
    """Commit the latest ratings of the task and close its stage; the same request again gives the same answer."""
    known = store.find_task(tx, id)
    if known and known.was_finished_by(require_assessor(tx).id, order.fence):
        return known
    held = require_held(tx, id, order.fence, order.yours)
    own = store.list_ratings(tx, [ref.rating for ref in held.rated])
    task = store.save_task(tx, domain.finish(held, own, tx.now))
    case = store.require_case(tx, task.case)
    publish_task_finished(tx, task)
    close_stage(tx, case, _stage_ratings(tx, case, task, own), "task", task.marks)
    return task


def _stage_ratings(tx: Transaction, case: Case, task: Task, own: Sequence[Rating]) -> Sequence[Rating]:
    """The rating of every indicator that people judge: the task's own, the others carried over."""
    codes = judged_codes(edition_of(tx, case))
    if task.rates_all(codes):
        return domain.order_ratings(own, codes)
    before = store.list_ratings(tx, store.find_last_stage(tx, case.id).ratings)
    return domain.merge_ratings(own, before, task.stage, tx.now, tx.new_id)
