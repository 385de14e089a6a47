"""Appointing assessors and writing down their conflicts of interest."""

from typing import Any

from services.review import domain, store
from services.review.commands.events import assessor_subject, publish_assessor_set, publish_task_released
from services.review.domain import Appointment, Assessor, ConflictsOrder
from shared.core.people import check_known_as, identity_change
from shared.replicas.members import person_doc
from shared.storage.transaction import Transaction
from shared.storage.versions import Expected, differs


def set_assessor(
    tx: Transaction, id: str, appointment: Appointment, expected_rev: Expected | None
) -> Assessor:
    """Appoint an assessor, or change what is known of it when `expected_rev` is its version.

    Invalid for an agency that nobody knows; Conflict when its issuer and subject are another assessor's; Forbidden
    for whoever is the assessor.
    """
    check_known_as(appointment.issuer, appointment.subject, tx.caller.issuer)
    before = store.find_assessor(tx, id)
    assessor = domain.appoint(id, appointment, before, tx.caller, tx.now)
    domain.check_of_another(tx.caller, before, assessor)
    if not differs(before, assessor, expected_rev):
        return before or assessor
    domain.check_appointment(assessor)
    domain.check_agencies(assessor.employers, store.known_agencies(tx, assessor.employers))
    domain.check_single(assessor, store.find_assessor_by_token(tx, assessor.issuer, assessor.subject))
    store.save_person(tx, _person(assessor))
    publish_assessor_set(tx, assessor)
    changed = identity_change(before.identity if before else None, assessor.identity)
    saved = _save(tx, assessor, "assessor.set", employer=assessor.employer, **changed)
    if before:
        _end_appointment(tx, before, saved)
    return saved


def declare_conflicts(
    tx: Transaction, id: str, order: ConflictsOrder, expected_rev: Expected | None
) -> Assessor:
    """Set the conflicts of interest; a task held for such an agency is open again. NotFound, Invalid."""
    before = domain.check_sees_assessor(store.find_assessor(tx, id), tx.caller, id)
    assessor = domain.declare(before, tx.caller, order, tx.now)
    if not differs(before, assessor, expected_rev):
        return before
    domain.check_agencies(order.agencies, store.known_agencies(tx, order.agencies))
    barred = sorted(assessor.barred)
    return _save(tx, assessor, "conflicts.declared", agencies=barred, reason=order.reason)


def _save(tx: Transaction, assessor: Assessor, action: str, /, **detail: Any) -> Assessor:
    saved = store.save_assessor(tx, assessor)
    tx.audit(assessor_subject(saved.id), action, **detail)
    for task in store.list_claimed_tasks(tx, saved.id):
        if lost := domain.take_away(task, saved):
            store.save_task(tx, lost)
            publish_task_released(tx, task, "conflict")
    return saved


def _end_appointment(tx: Transaction, before: Assessor, after: Assessor) -> None:
    for task in store.list_claimed_tasks(tx, after.id):
        if changed := domain.end_appointment(task, before, after, tx.now):
            store.save_task(tx, changed)
            if changed.state == "open":
                publish_task_released(tx, task, "appointment")


def _person(assessor: Assessor) -> dict[str, Any]:
    """The row of `people` that lets the assessor in: a `person_doc`, with the `sequence` of its last event."""
    grant = {"role": "assessor", "agency": None, "since": assessor.since, "until": assessor.until}
    # Ids of assessors and of people are given by different services, so equal ones must not meet.
    id = assessor_subject(assessor.id)
    return {**person_doc(id, assessor.issuer, assessor.subject, [grant]), "sequence": 0}
