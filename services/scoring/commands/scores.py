"""Scores: each stage's index computed once, from a set named by its hash."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from services.scoring import domain, store
from services.scoring.domain import FINAL, SELF, Basis, Result, Rows, Score
from shared.events.intake import AnswerValue, SubmissionSealed
from shared.events.review import ReviewFinalised, StageCompleted, StageRating
from shared.events.scoring import ScoreComputed
from shared.events.sets import FIELDS, set_hash
from shared.messaging.inbox import MissingDependency, Superseded
from shared.signing import receipts
from shared.signing.keys import KeyRing
from shared.storage.transaction import Transaction


def score_answers(tx: Transaction, event: SubmissionSealed) -> None:
    """Score what an agency says of itself."""
    domain.check_same_edition(event.edition_hash, store.require_instrument(tx, event.edition))
    rows = [_row(answer) for answer in event.answers]
    score = _compute(tx, _basis(event, SELF, domain.rows_hash(rows)), rows)
    _add_score(tx, score, rows)


def score_stage(tx: Transaction, event: StageCompleted) -> None:
    """Score what a stage ended with; the self-assessment's values are only compared with the sealed ones."""
    domain.check_set(event.set_hash, set_hash(event.ratings))
    if event.stage == FINAL:
        raise Superseded("the final score rests on the frozen set, which comes with an event of its own")
    if event.stage == SELF:
        _check_sealed(tx, event)
        raise Superseded(f"the score of {event.submission} was computed from the same values, as sealed")
    rows = _rows(event.ratings)
    score = _compute(tx, _basis(event, event.stage, event.set_hash), rows)
    _add_score(tx, score, rows)


def score_final(tx: Transaction, event: ReviewFinalised, ring: KeyRing) -> None:
    """Score the frozen set, sign the score, and lay the result before the ministry."""
    domain.check_set(event.set_hash, set_hash(event.ratings))
    for assessor in event.assessors:
        store.require_assessor(tx, assessor)
    rows = _rows(event.ratings)
    score = _compute(tx, _basis(event, FINAL, event.set_hash), rows)
    key = ring.signing(receipts.PURPOSE, score.computed_at)
    final = replace(score, receipt=receipts.sign(domain.score_receipt(score), key))
    _add_score(tx, final, rows)
    store.save_result(tx, Result(final, assessors=event.assessors))
    tx.audit(f"result:{event.submission}", "result.computed", score=final.id)


def _basis(event: SubmissionSealed | StageCompleted | ReviewFinalised, stage: str, hash: str) -> Basis:
    return Basis(
        submission=event.submission,
        participation=event.participation,
        cycle=event.cycle,
        agency=event.agency,
        edition=event.edition,
        stage=stage,
        set_hash=hash,
    )


def _row(answer: AnswerValue) -> Mapping[str, str]:
    """An agency's value as it is kept; only one that nobody typed says where it comes from."""
    row = {"indicator": answer.indicator, "value": answer.value}
    return row | ({"origin": answer.origin} if answer.origin else {})


def _rows(ratings: Sequence[StageRating]) -> Rows:
    return [{name: getattr(rating, name) for name in FIELDS} for rating in ratings]


def _compute(tx: Transaction, basis: Basis, rows: Rows) -> Score:
    instrument = store.require_instrument(tx, basis.edition)
    name = store.require_agency_name(tx, basis.agency)
    known = store.find_score(tx, basis.id)
    if known:
        domain.check_repeated(known, basis)
        raise Superseded(f"the score {known.id} was computed from this very set")
    return domain.compute(basis, instrument, name, rows, tx.now)


def _check_sealed(tx: Transaction, event: StageCompleted) -> None:
    id = domain.score_id(event.submission, SELF)
    known = store.find_score(tx, id)
    if known is None:
        raise MissingDependency(f"score:{id}")
    edition = store.require_instrument(tx, event.edition).edition
    domain.check_sealed(known, edition, domain.values_of(_rows(event.ratings)))


def _add_score(tx: Transaction, score: Score, rows: Rows) -> None:
    store.add_score(tx, score, rows)
    subject, basis = f"score:{score.id}", score.basis
    tx.audit(subject, "score.computed", index=score.index, exact=score.exact, set_hash=basis.set_hash)
    fields = asdict(basis)
    del fields["participation"]
    event = ScoreComputed(
        score=score.id,
        kind=basis.kind,
        index=score.index,
        exact=score.exact,
        predicate=score.predicate,
        **fields,
    )
    tx.emit(subject, event)
