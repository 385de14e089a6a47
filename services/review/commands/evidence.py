"""Letting an assessor read what intake keeps of a submission."""

from services.review import domain, store
from services.review.domain import Material, Task
from shared.signing.links import WORDS, Link
from shared.storage.transaction import Transaction


def link_file(tx: Transaction, id: str, sha256: str) -> Link:
    """Let the caller fetch one file of a case that it holds a task of, for five minutes; raises NotFound."""
    held = _held_task(tx, id)
    domain.check_readable(readable_material(tx, held.case), sha256)
    return _link(tx, held, sha256)


def link_task_file(tx: Transaction, id: str, sha256: str) -> Link:
    """Let the caller fetch one file of the case of a task that it holds, for five minutes; raises NotFound."""
    me = store.find_caller_assessor(tx, tx.caller)
    held = domain.check_holds_task(store.find_task(tx, id), me, tx.now)
    domain.check_readable(readable_material(tx, held.case), sha256)
    return _link(tx, held, sha256)


def link_explanations(tx: Transaction, id: str) -> Link:
    """Let the caller read the agency's explanations, however long they are, of a case that it holds a task of.

    For five minutes; raises NotFound.
    """
    return _link(tx, _held_task(tx, id), WORDS)


def readable_material(tx: Transaction, case: str) -> Material:
    """What can be opened of a case, the files of the agency's answers included."""
    return domain.with_answers(store.require_material(tx, case), store.list_clarifications(tx, case))


def _held_task(tx: Transaction, case: str) -> Task:
    me = store.find_caller_assessor(tx, tx.caller)
    held = store.find_held_task(tx, case, me.id) if me else None
    return domain.check_holds(store.find_case(tx, case), held, me)


def _link(tx: Transaction, held: Task, opens: str) -> Link:
    tx.audit(f"access:{held.case}", "link.given", opens=opens)
    return Link(
        sha256=opens,
        submission=held.case,
        subject=tx.caller.subject,
        issuer=tx.caller.issuer,
        until=domain.link_end(held, tx.now),
        task=held.id,
        fence=held.fence,
    )
