"""Working on a task that the caller holds: rate, mark, finish."""

from collections.abc import Sequence

from services.review import domain, store
from services.review.commands.events import case_subject
from services.review.commands.leases import require_assessor, require_held
from services.review.commands.stages import close_stage
from services.review.domain import Case, LeaseOrder, MarkOrder, Rating, RatingOrder, Task
from shared.instrument import Edition
from shared.storage.transaction import Transaction


def rate(tx: Transaction, id: str, indicator: str, order: RatingOrder) -> Rating:
    """Save a rating of one indicator as the next version, beside those before it."""
    task = require_held(tx, id, order.fence, {**order.yours, "indicator": indicator})
    case = store.require_case(tx, task.case)
    domain.check_asked(task, indicator)
    rating = Rating(
        id=tx.new_id(),
        case=case.id,
        stage=task.stage,
        indicator=indicator,
        value=domain.read_value(_edition(tx, case), indicator, order.value),
        author=task.assessor,
        words_sha256=order.explanation.sha256,
        at=tx.now,
        explanation=order.explanation,
        pins=order.pins,
        task=id,
        version=task.next_version(indicator),
    )
    domain.check_pins(rating.pins, store.require_material(tx, case.id))
    store.add_ratings(tx, [rating])
    store.save_task(tx, domain.add_rating(task, rating.ref))
    detail = {"task": id, "indicator": indicator, "rating": rating.id, "value": rating.value}
    tx.audit(case_subject(case.id), "rating.saved", **detail, version=rating.version)
    return rating


def mark(tx: Transaction, id: str, order: MarkOrder) -> Task:
    """Mark the indicators that the next stage has to clarify, in place of those marked before."""
    task = require_held(tx, id, order.fence, order.yours)
    case = store.require_case(tx, task.case)
    edition = _edition(tx, case)
    visit = store.require_participation(tx, case.participation).visit
    task = domain.mark(task, order.marks, edition.codes, domain.next_stage(case, edition, visit))
    store.save_marks(tx, task)
    indicators = [mark.indicator for mark in task.marks]
    tx.audit(case_subject(case.id), "clarifications.marked", task=id, indicators=indicators)
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
    tx.audit(case_subject(case.id), "task.finished", task=id, assessor=task.assessor, fence=task.fence)
    close_stage(tx, case, _stage_ratings(tx, case, task, own), "task", task.marks)
    return task


def _stage_ratings(tx: Transaction, case: Case, task: Task, own: Sequence[Rating]) -> Sequence[Rating]:
    """Every indicator's rating in the edition's order: the task's own, the others carried over."""
    codes = _edition(tx, case).codes
    if task.rates_all(codes):
        return domain.order_ratings(own, codes)
    before = store.list_last_stage_ratings(tx, case.id)
    return domain.merge_ratings(own, before, task.stage, tx.now, tx.new_id)


def _edition(tx: Transaction, case: Case) -> Edition:
    return store.require_edition(tx, case.edition, case.edition_hash)
