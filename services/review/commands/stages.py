"""Closing the stages of a case one after the other, freezing its last set of ratings."""

from collections.abc import Sequence
from dataclasses import replace

from services.review import domain, store
from services.review.commands.clarifications import ask_agency
from services.review.commands.events import (
    case_subject,
    publish_review_finalised,
    publish_stage_completed,
    published_ratings,
)
from services.review.domain import Case, ClarificationMark, Rating
from services.review.domain.given import with_given
from shared.events.sets import set_hash
from shared.instrument import Edition
from shared.instrument.given import given_values, has_given
from shared.storage.transaction import Transaction


def edition_of(tx: Transaction, case: Case) -> Edition:
    """The edition by which a case is judged."""
    return store.require_edition(tx, case.edition, case.edition_hash)


def close_stage(
    tx: Transaction,
    case: Case,
    ratings: Sequence[Rating],
    closed_by: str,
    marks: Sequence[ClarificationMark] = (),
) -> None:
    """End the present stage with these ratings and begin the next with the marked indicators, or finalise.

    After the agency's own stage the values that nobody rates are those of the indices that are known now.
    """
    edition = edition_of(tx, case)
    if case.stage != case.stages[0] and has_given(edition):
        ratings = _with_given(tx, case, edition, ratings)
    published = published_ratings(ratings)
    hash = set_hash(published)
    store.add_ratings(tx, domain.new_rows(ratings))
    ids = [rating.id for rating in ratings]
    store.add_completed_stage(tx, domain.complete_stage(case, closed_by, hash, ids, tx.now))
    tx.audit(case_subject(case.id), "stage.completed", stage=case.stage, by=closed_by, set_hash=hash)
    publish_stage_completed(tx, case, hash, published)
    visit = store.require_participation(tx, case.participation).visit
    stage = domain.next_stage(case, edition, visit)
    if stage is not None:
        _begin_stage(tx, replace(case, stage=stage), edition, ratings, marks)
        return
    store.save_case(tx, domain.finalise(case, tx.now))
    tx.audit(case_subject(case.id), "review.finalised", stage=case.stage, set_hash=hash)
    publish_review_finalised(tx, case, hash, published)


def _with_given(tx: Transaction, case: Case, edition: Edition, ratings: Sequence[Rating]) -> Sequence[Rating]:
    known = store.list_known_indices(tx, case.agency)
    given = given_values(edition, known, store.require_cycle(tx, case.cycle).opens.year)
    return with_given(case, edition, ratings, given, (tx.now, tx.new_id))


def _begin_stage(
    tx: Transaction,
    case: Case,
    edition: Edition,
    before: Sequence[Rating],
    marks: Sequence[ClarificationMark],
) -> None:
    stage = case.current_stage
    indicators = domain.indicators_to_rate(stage, edition, marks)
    if not indicators:
        close_stage(tx, case, domain.carry_over(before, stage, tx.now, tx.new_id), "carry-over")
        return
    task = store.save_task(tx, domain.open_task(tx.new_id(), case, indicators, marks, tx.now))
    store.save_case(tx, case)
    tx.audit(case_subject(case.id), "task.opened", task=task.id, stage=stage, indicators=len(task.indicators))
    ask_agency(tx, case, task, marks)
