"""What scoring does: computes each stage's index once, and takes the final one to publication."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from services.scoring import domain, store
from services.scoring.domain import FINAL, SELF, Basis, Decision, Result, Score
from shared.events.intake import AgencySet, SubmissionSealed
from shared.events.review import ReviewFinalised, StageCompleted, StageRating
from shared.events.scoring import NodeIndex, ResultApproved, ResultPublished, ScoreComputed
from shared.events.sets import FIELDS, set_hash
from shared.messaging.inbox import MissingDependency, Superseded, check_sequence
from shared.signing import receipts
from shared.signing.keys import KeyRing
from shared.storage.transaction import Transaction

Rows = Sequence[Mapping[str, Any]]


# copies


def keep_agency(tx: Transaction, event: AgencySet) -> None:
    """Keep what an agency is called now."""
    heard = check_sequence(tx, store.agency(tx, event.agency))
    store.keep_agency(tx, event.agency, event.name, event.group, heard)
    tx.audit(f"agency:{event.agency}", "agency.copied")


# scores


def score_answers(tx: Transaction, event: SubmissionSealed) -> None:
    """Score what an agency says of itself."""
    domain.check_same_edition(event.edition_hash, store.instrument(tx, event.edition))
    rows = [{"indicator": one.indicator, "value": one.value} for one in event.answers]
    _keep(tx, _score(tx, _basis(event, SELF, domain.rows_hash(rows)), rows), rows)


def score_stage(tx: Transaction, event: StageCompleted) -> None:
    """Score what a stage ended with; the self-assessment's values are only compared with the sealed ones."""
    domain.check_set(event.set_hash, set_hash(event.ratings))
    if event.stage == FINAL:
        raise Superseded("the frozen set, which is told by itself, is what the final score rests on")
    if event.stage == SELF:
        _compare(tx, event)
    rows = _rows(event.ratings)
    _keep(tx, _score(tx, _basis(event, event.stage, event.set_hash), rows), rows)


def score_final(tx: Transaction, event: ReviewFinalised, ring: KeyRing) -> None:
    """Score the frozen set, sign the score, and lay the result before the ministry."""
    domain.check_set(event.set_hash, set_hash(event.ratings))
    rows = _rows(event.ratings)
    found = _score(tx, _basis(event, FINAL, event.set_hash), rows)
    key = ring.signing(receipts.PURPOSE, found.computed_at)
    final = replace(found, receipt=receipts.sign(domain.score_receipt(found), key))
    _keep(tx, final, rows)
    store.keep_result(tx, Result(final))
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


def _rows(ratings: Sequence[StageRating]) -> Rows:
    return [{name: getattr(one, name) for name in FIELDS} for one in ratings]


def _score(tx: Transaction, basis: Basis, rows: Rows) -> Score:
    instrument, name = store.instrument(tx, basis.edition), store.agency_name(tx, basis.agency)
    known = store.score(tx, basis.id)
    if known:
        domain.check_repeated(known, basis)
        raise Superseded(f"the score {known.id} was computed from this very set")
    values = [(one["indicator"], one["value"]) for one in rows]
    return domain.compute(basis, instrument, name, values, tx.now)


def _compare(tx: Transaction, event: StageCompleted) -> None:
    known = store.score(tx, domain.score_id(event.submission, SELF))
    if known is None:
        raise MissingDependency(f"score:{domain.score_id(event.submission, SELF)}")
    values = [(one.indicator, one.value) for one in event.ratings]
    domain.check_sealed(known, store.instrument(tx, event.edition).edition, values)
    raise Superseded(f"{known.id} was computed from the sealed answers, which are the same")


def _keep(tx: Transaction, one: Score, rows: Rows) -> None:
    store.keep_score(tx, one, rows)
    subject, basis = f"score:{one.id}", one.basis
    tx.audit(subject, "score.computed", index=one.index, exact=one.exact, set_hash=basis.set_hash)
    told = asdict(basis)
    del told["participation"]
    tx.emit(
        subject,
        ScoreComputed(
            score=one.id, kind=basis.kind, index=one.index, exact=one.exact, predicate=one.predicate, **told
        ),
    )


# results


def approve(tx: Transaction, submission: str, note: str | None) -> Result:
    """Approve a final score for publication; once it is, again changes nothing."""
    before = _decided_on(tx, submission)
    after = domain.approved(before, Decision("approved", tx.caller.id, tx.now, note))
    if after is before:
        return before
    score, subject = after.score, f"result:{after.id}"
    store.keep_result(tx, after)
    tx.audit(subject, "result.approved", score=score.id, note=note)
    tx.emit(
        subject,
        ResultApproved(
            result=after.id,
            submission=after.id,
            cycle=score.basis.cycle,
            agency=score.basis.agency,
            score=score.id,
            approved_at=tx.now,
        ),
    )
    return _decided_on(tx, submission)


def publish(tx: Transaction, submission: str, note: str | None, ring: KeyRing) -> Result:
    """Publish an approved result with its receipt; once it is, again changes nothing."""
    before = _decided_on(tx, submission)
    if before.published_at:
        return before
    domain.check_publishable(before)
    receipt = receipts.sign(domain.result_receipt(before, tx.now), ring.signing(receipts.PURPOSE, tx.now))
    after = domain.published(before, Decision("published", tx.caller.id, tx.now, note), receipt)
    store.keep_result(tx, after)
    tx.audit(f"result:{after.id}", "result.published", index=after.score.index, note=note)
    tx.emit(f"result:{after.id}", _told(after, receipt, tx.now))
    return _decided_on(tx, submission)


def _decided_on(tx: Transaction, submission: str) -> Result:
    domain.check_decides(tx.caller)
    return domain.seen_result(store.result(tx, submission), tx.caller)


def _told(one: Result, receipt: Mapping[str, Any], at: datetime) -> ResultPublished:
    score, basis = one.score, one.score.basis
    return ResultPublished(
        result=one.id,
        submission=basis.submission,
        participation=basis.participation,
        cycle=basis.cycle,
        agency=basis.agency,
        edition=basis.edition,
        version=one.version,
        published_at=at,
        index=score.index,
        exact=score.exact,
        predicate=score.predicate,
        nodes=tuple(NodeIndex(code=node.code, index=node.index) for node in score.nodes),
        receipt=receipt,
    )
