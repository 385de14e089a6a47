"""The lease of a task: claim, heartbeat, release; and what ends a lease that nobody renews."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.review import domain, store
from services.review.commands.events import (
    assessor_subject,
    case_subject,
    publish_task_assigned,
    publish_task_released,
)
from services.review.domain import LEASE, Assessor, LeaseOrder, ReleaseOrder, Task, Term
from shared.storage.transaction import Transaction


def claim(tx: Transaction, id: str, length: timedelta = LEASE) -> Task:
    """Lease the task to the caller for that time; what it rated and marked under an earlier lease is there again."""
    me = require_assessor(tx)
    before = domain.check_may_claim(store.find_task(tx, id), me)
    if before.has_expired(tx.now):
        publish_task_released(tx, before, "expired")
    drafts = [rating.ref for rating in store.list_drafts(tx, id, me.id)]
    task = domain.claim(before, me, drafts, store.find_marks(tx, id, me.id), Term(tx.now, length))
    task = store.save_task(tx, task)
    store.save_case(tx, domain.add_assessor(store.require_case(tx, task.case), me.id))
    publish_task_assigned(tx, task)
    # A conflict of interest declared at the same time must meet this claim, so both write the assessor's head.
    tx.audit(assessor_subject(me.id), "task.claimed", task=id)
    return task


def heartbeat(tx: Transaction, id: str, order: LeaseOrder, length: timedelta = LEASE) -> Task:
    """Renew the caller's lease for that time from now."""
    held, me = require_held(tx, id, order.fence, order.yours), require_assessor(tx)
    task = domain.renew(held, me, Term(tx.now, length))
    tx.audit(case_subject(task.case), "lease.renewed", task=id, fence=task.fence)
    return store.save_task(tx, task)


def release(tx: Transaction, id: str, order: ReleaseOrder) -> Task:
    """Give the task back."""
    task = domain.release(require_held(tx, id, order.fence, order.yours))
    publish_task_released(tx, task, "released", order.reason)
    return store.save_task(tx, task)


def expire(tx: Transaction, id: str) -> bool:
    """Open a task whose lease is over; False when it was renewed, claimed or finished meanwhile."""
    task = domain.expire(store.find_task(tx, id), tx.now)
    if task is None:
        return False
    store.save_task(tx, task)
    publish_task_released(tx, task, "expired")
    return True


def require_assessor(tx: Transaction) -> Assessor:
    """The assessor that the caller is; NotFound for somebody else."""
    me = store.find_caller_assessor(tx, tx.caller)
    if me is None:
        raise domain.no_task()
    return me


def require_held(tx: Transaction, id: str, fence: int, yours: Mapping[str, Any]) -> Task:
    """The task that the caller holds under this fence; Conflict gives `yours` back to who held it, else NotFound."""
    me = require_assessor(tx)
    return domain.check_held(store.find_task(tx, id), me, fence, tx.now, yours)
