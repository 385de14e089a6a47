"""Working on a task: claim, heartbeat, rate, mark, release, finish; and what ends a lease that nobody renews."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.review import domain, store
from services.review.commands.cases import close_stage
from services.review.commands.events import root, tell_assigned, tell_released
from services.review.domain import Assessor, Case, Mark, Pin, Rated, Rating, Task, Words
from shared.instrument import Edition
from shared.storage.transaction import Transaction

Sent = Mapping[str, Any]


def claim(tx: Transaction, id: str) -> Task:
    """Lease the task to the caller; what it rated and marked under an earlier lease is there again."""
    me = _me(tx)
    task = store.task(tx, id)
    if task is None or task.agency in me.barred:
        raise domain.no_task()
    if task.state == "claimed" and not task.live(tx.now):
        tell_released(tx, task, "expired")
    drafts = [Rated(one.indicator, one.id, one.version) for one in store.drafts(tx, id, me.id)]
    new = domain.claim(task, me.id, drafts, store.marks(tx, id, me.id), tx.now)
    assert new.until is not None
    store.save_task(tx, new)
    case = _case(tx, new)
    store.save_case(tx, replace(case, assessors=tuple(dict.fromkeys((*case.assessors, me.id)))))
    tell_assigned(tx, new, me.id, new.until)
    # A conflict of interest declared at the same time must meet this claim, so both write the assessor's head.
    tx.audit(f"assessor:{me.id}", "task.claimed", task=id)
    return new


def heartbeat(tx: Transaction, id: str, sent: Sent) -> Task:
    """Renew the caller's lease."""
    task = domain.renew(_held(tx, id, sent), tx.now)
    store.save_task(tx, task)
    tx.audit(root(task.case), "lease.renewed", task=id, fence=task.fence)
    return task


def release(tx: Transaction, id: str, sent: Sent) -> Task:
    """Give the task back."""
    task = _held(tx, id, sent)
    store.save_task(tx, domain.release(task))
    tell_released(tx, task, "released", sent["reason"])
    return domain.release(task)


def rate(tx: Transaction, id: str, indicator: str, sent: Sent) -> Rating:
    """Save a rating of one indicator as the next version, beside those before it."""
    task = _held(tx, id, {**sent, "indicator": indicator})
    case = _case(tx, task)
    rating_id = tx.new_id()
    task = domain.rated(task, indicator, rating_id)
    newest = task.newest(indicator)
    assert newest is not None
    words = Words(sent["facts"], sent["analysis"], sent["justification"])
    rating = Rating(
        id=rating_id,
        case=case.id,
        stage=task.stage,
        indicator=indicator,
        value=domain.read_value(_edition(tx, case), indicator, sent["value"]),
        author=task.assessor or "",
        words_sha256=words.sha256,
        at=tx.now,
        words=words,
        pins=tuple(Pin(**one) for one in sent["pins"]),
        task=id,
        version=newest.version,
    )
    domain.check_pins(rating.pins, store.material(tx, case.id))
    store.add_ratings(tx, [rating])
    store.save_task(tx, task)
    detail = {"task": id, "indicator": indicator, "rating": rating.id, "value": rating.value}
    tx.audit(root(case.id), "rating.saved", **detail, version=rating.version)
    return rating


def mark(tx: Transaction, id: str, sent: Sent) -> Task:
    """Mark the indicators that the next stage has to clarify, in place of those marked before."""
    task = _held(tx, id, sent)
    case = _case(tx, task)
    edition = _edition(tx, case)
    visit = store.participation(tx, case.participation).visit
    marks = [Mark(one["indicator"], one["question"]) for one in sent["indicators"]]
    task = domain.mark(task, marks, edition.codes, domain.following(case, edition, visit))
    store.save_task(tx, task)
    store.save_marks(tx, task)
    tx.audit(
        root(case.id), "clarifications.marked", task=id, indicators=[one.indicator for one in task.marks]
    )
    return task


def finish(tx: Transaction, id: str, sent: Sent) -> Task:
    """Commit the newest ratings of the task and close its stage; the same request again gives the same answer."""
    known = store.task(tx, id)
    if known and known.state == "finished" and (known.assessor, known.fence) == (_me(tx).id, sent["fence"]):
        return known
    task = _held(tx, id, sent)
    own = {one.indicator: one for one in store.ratings(tx, [rated.rating for rated in task.rated])}
    missing = domain.missing_ratings(task, {code: one.words for code, one in own.items()})
    task = domain.finish(task, missing, tx.now)
    store.save_task(tx, task)
    case = _case(tx, task)
    tx.audit(root(case.id), "task.finished", task=id, assessor=task.assessor, fence=task.fence)
    close_stage(tx, case, _rows(tx, case, task, own), "task", task.marks)
    return task


def expire(tx: Transaction, id: str) -> bool:
    """Open a task whose lease is over; False when it was renewed, claimed or finished meanwhile."""
    task = store.task(tx, id)
    free = domain.expire(task, tx.now) if task else None
    if task is None or free is None:
        return False
    store.save_task(tx, free)
    tell_released(tx, task, "expired")
    return True


def _rows(tx: Transaction, case: Case, task: Task, own: Mapping[str, Rating]) -> Sequence[Rating]:
    """Every indicator's rating in the edition's order: the task's own, the others carried over."""
    codes = _edition(tx, case).codes
    if set(codes) == set(task.indicators):
        return [own[code] for code in codes]
    before = store.last_ratings(tx, case.id)
    return [
        own[one.indicator]
        if one.indicator in task.indicators
        else domain.carried(tx.new_id(), one, task.stage, tx.now)
        for one in before
    ]


def _held(tx: Transaction, id: str, sent: Sent) -> Task:
    me, task = _me(tx), store.task(tx, id)
    if task is None:
        raise domain.no_task()
    task = domain.take_away(task, me.id, me.barred) or task
    yours = {name: part for name, part in sent.items() if name != "fence"}
    domain.check_lease(task, me.id, sent["fence"], tx.now, yours)
    return task


def _me(tx: Transaction) -> Assessor:
    me = store.caller_assessor(tx, tx.caller)
    if me is None:
        raise domain.no_task()
    return me


def _case(tx: Transaction, task: Task) -> Case:
    case = store.case(tx, task.case)
    assert case is not None
    return case


def _edition(tx: Transaction, case: Case) -> Edition:
    return store.edition(tx, case.edition, case.edition_hash)
