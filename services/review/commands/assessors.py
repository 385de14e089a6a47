"""Appointing assessors and writing down their conflicts of interest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.review import domain, store
from services.review.commands.events import tell_released
from services.review.domain import Assessor
from shared.core.errors import Conflict, Invalid, NotFound
from shared.events.review import AssessorSet
from shared.replicas.members import person_doc
from shared.storage.transaction import Transaction
from shared.storage.versions import differs


def set_assessor(tx: Transaction, id: str, sent: Mapping[str, Any], seen: int | None) -> Assessor:
    """Appoint an assessor, or change what is known of it when `seen` is its version."""
    before = store.assessor(tx, id)
    one = Assessor(id=id, conflicts=before.conflicts if before else (), **sent)
    if not differs(before, one, seen):
        return before or one
    domain.check_appointment(one)
    _check_agencies(tx, [one.employer] if one.employer else [])
    _check_single(tx, one)
    store.save_person(tx, _person(one))
    tx.emit(
        f"assessor:{id}",
        AssessorSet(assessor=id, issuer=one.issuer, subject=one.subject, since=one.since, until=one.until),
    )
    return _save(tx, one, "assessor.set", employer=one.employer)


def declare_conflicts(
    tx: Transaction, id: str, reasons: Sequence[tuple[str, str]], seen: int | None
) -> Assessor:
    """Set the conflicts of interest, as (agency, reason); a task held for such an agency is open again."""
    before = store.assessor(tx, id)
    if before is None or not domain.may_see_assessor(tx.caller, before):
        raise NotFound(f"There is no assessor {id}.")
    one = domain.declare(before, tx.caller, reasons, tx.now)
    if not differs(before, one, seen):
        return before
    _check_agencies(tx, [agency for agency, _ in reasons])
    return _save(tx, one, "conflicts.declared", agencies=sorted(one.barred))


def _save(tx: Transaction, one: Assessor, action: str, /, **detail: Any) -> Assessor:
    store.save_assessor(tx, one)
    tx.audit(f"assessor:{one.id}", action, **detail)
    for task in store.tasks(tx, {"state": "claimed", "assessor": one.id}):
        if lost := domain.take_away(task, one.id, one.barred):
            store.save_task(tx, lost)
            tell_released(tx, task, "conflict")
    return store.assessor(tx, one.id) or one


def _check_agencies(tx: Transaction, agencies: Iterable[str]) -> None:
    unknown = [one for one in agencies if not store.knows_agency(tx, one)]
    if unknown:
        raise Invalid(
            f"No agency is called {', '.join(unknown)}.", "unknown-agency", {"agencies": sorted(unknown)}
        )


def _check_single(tx: Transaction, one: Assessor) -> None:
    same = store.assessor_of(tx, one.issuer, one.subject)
    if same is not None and same.id != one.id:
        raise Conflict(
            f"This issuer and subject are the assessor {same.id} already: change that one.", "already-exists"
        )


def _person(one: Assessor) -> dict[str, Any]:
    grant = {"role": "assessor", "agency": None, "since": one.since, "until": one.until}
    # Ids of assessors and of people are given by different services, so equal ones must not meet.
    return {**person_doc(f"assessor:{one.id}", one.issuer, one.subject, [grant]), "heard": 0}
