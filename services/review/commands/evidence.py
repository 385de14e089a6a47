"""Letting an assessor read what intake keeps of a submission."""

from datetime import timedelta

from services.review import domain, store
from services.review.domain import Case
from shared.signing.links import WORDS, Link
from shared.storage.transaction import Transaction

LINK_LASTS = timedelta(minutes=5)


def link_file(tx: Transaction, id: str, sha256: str) -> Link:
    """Let the caller fetch one file of a case that it holds a task of, for five minutes; raises NotFound."""
    case = _held_case(tx, id)
    domain.check_readable(store.require_material(tx, case.id), sha256)
    return _link(tx, case, sha256)


def link_explanations(tx: Transaction, id: str) -> Link:
    """Let the caller read the agency's explanations, however long they are, of a case that it holds a task of.

    For five minutes; raises NotFound.
    """
    return _link(tx, _held_case(tx, id), WORDS)


def _held_case(tx: Transaction, id: str) -> Case:
    me = store.find_caller_assessor(tx, tx.caller)
    held = store.find_held_task(tx, id, me.id) if me else None
    return domain.check_holds(store.find_case(tx, id), held, me)


def _link(tx: Transaction, case: Case, opens: str) -> Link:
    tx.audit(f"access:{case.id}", "link.given", opens=opens)
    return Link(opens, case.id, tx.caller.subject, tx.caller.issuer, tx.now + LINK_LASTS)
