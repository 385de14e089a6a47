"""The final score's way to publication."""

from services.scoring import domain, store
from services.scoring.domain import APPROVED, PUBLISHED, Decision, DecisionOrder, Officer, Result
from shared.events.scoring import NodeIndex, ResultApproved, ResultPublished
from shared.signing import receipts
from shared.signing.keys import KeyRing
from shared.storage.transaction import Transaction


def approve(tx: Transaction, submission: str, order: DecisionOrder) -> Result:
    """Approve a final score for publication; again changes nothing, and Conflict says so to anybody else."""
    before = _result_to_decide(tx, submission)
    decision = Decision.of(APPROVED, tx.caller, tx.now, order.note)
    if domain.is_repeated(before, decision):
        return before
    domain.check_decision(before, decision, _officer(tx, before))
    saved = store.save_result(tx, domain.decided(before, decision))
    tx.audit(_subject(saved), "result.approved", score=saved.score.id, note=order.note)
    tx.emit(_subject(saved), _approved_event(saved, tx))
    return saved


def publish(tx: Transaction, submission: str, order: DecisionOrder, ring: KeyRing) -> Result:
    """Publish with its receipt what another officer approved; again changes nothing, as for an approval."""
    before = _result_to_decide(tx, submission)
    decision = Decision.of(PUBLISHED, tx.caller, tx.now, order.note)
    if domain.is_repeated(before, decision):
        return before
    domain.check_decision(before, decision, _officer(tx, before))
    after = domain.decided(before, decision)
    receipt = receipts.sign(domain.result_receipt(after, tx.now), ring.signing(receipts.PURPOSE, tx.now))
    saved = store.save_result(tx, domain.published(after, receipt, tx.now))
    tx.audit(_subject(saved), "result.published", index=saved.score.index, note=order.note)
    tx.emit(_subject(saved), _published_event(saved, tx))
    return saved


def _result_to_decide(tx: Transaction, submission: str) -> Result:
    domain.check_decides(tx.caller)
    return domain.require_visible_result(store.find_result(tx, submission), tx.caller)


def _officer(tx: Transaction, result: Result) -> Officer:
    roles = store.list_held_roles(tx, tx.caller.issuer, tx.caller.subject)
    return Officer(roles, store.find_cycle_opening(tx, result.score.basis.cycle))


def _subject(result: Result) -> str:
    return f"result:{result.id}"


def _approved_event(result: Result, tx: Transaction) -> ResultApproved:
    basis = result.score.basis
    return ResultApproved(
        result=result.id,
        submission=basis.submission,
        cycle=basis.cycle,
        agency=basis.agency,
        score=result.score.id,
        approved_at=tx.now,
    )


def _published_event(result: Result, tx: Transaction) -> ResultPublished:
    score, basis = result.score, result.score.basis
    return ResultPublished(
        result=result.id,
        submission=basis.submission,
        participation=basis.participation,
        cycle=basis.cycle,
        agency=basis.agency,
        edition=basis.edition,
        version=result.version,
        published_at=tx.now,
        index=score.index,
        exact=score.exact,
        predicate=score.predicate,
        nodes=tuple(NodeIndex(code=node.code, index=node.index, origin=node.origin) for node in score.nodes),
        receipt=domain.require_receipt(result),
    )
