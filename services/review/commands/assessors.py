"""Appointing assessors and writing down their conflicts of interest."""

from typing import Any

from services.review import domain, store
from services.review.commands.events import assessor_subject, publish_assessor_set, publish_task_released
from services.review.domain import Appointment, Assessor, ConflictsOrder, Declaration
from shared.core.people import Caller, check_known_as, identity_change
from shared.events.intake import AppointmentAccepted
from shared.messaging.inbox import Superseded
from shared.replicas.members import person_doc
from shared.storage.transaction import Transaction
from shared.storage.versions import EVERY, Expected, differs


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
    return _set(tx, before, assessor)


def appoint(tx: Transaction, appointment: Appointment) -> Assessor:
    """Appoint somebody as an assessor under an id made from the name; refusals as those of set_assessor."""
    return set_assessor(tx, _free_id(tx, appointment.name), appointment, None)


def appoint_invited(tx: Transaction, event: AppointmentAccepted) -> None:
    """Appoint whom an officer invited, for that officer, under an id made from the name.

    Superseded when the person is an assessor already, or was one since; MissingDependency while nothing is known of
    the employer; Forbidden when it is the officer's own appointment.
    """
    identity = event.issuer, event.subject
    known = store.list_assessors_once_known_as(tx, *identity)
    if not domain.is_due(known, identity, event.accepted_at):
        raise Superseded(
            f"invitation {event.invitation}: its person is an assessor already, or was one since"
        )
    if event.employer:
        store.require_agency(tx, event.employer)
    before = next((one for one in known if one.identity == identity), None)
    appointment = domain.accepted(identity, event.name, event.employer, event.accepted_at, before)
    officer = Caller(event.by_issuer, event.by_subject, event.by)
    id = before.id if before else _free_id(tx, appointment.name)
    assessor = domain.appoint(id, appointment, before, officer, tx.now)
    domain.check_of_another(officer, before, assessor)
    _set(tx, before, assessor, by=event.by, invitation=event.invitation)


def _set(tx: Transaction, before: Assessor | None, assessor: Assessor, **detail: Any) -> Assessor:
    store.save_person(tx, _person(assessor))
    publish_assessor_set(tx, assessor)
    changed = identity_change(before.identity if before else None, assessor.identity)
    saved = _save(tx, assessor, "assessor.set", employer=assessor.employer, **changed, **detail)
    if before:
        _end_appointment(tx, before, saved)
    return saved


def _free_id(tx: Transaction, name: str) -> str:
    return domain.free_id(name, store.list_taken_ids(tx, domain.id_stem(name)))


def cut_short(tx: Transaction, id: str, expected_rev: Expected | None) -> Assessor:
    """End an appointment now; tasks held under it are open again. NotFound, Invalid before its begin."""
    before = domain.check_sees_assessor(store.find_assessor(tx, id), tx.caller, id)
    return set_assessor(tx, id, domain.ended(before, tx.now), expected_rev)


def declare_conflict(tx: Transaction, id: str, declaration: Declaration) -> Assessor:
    """Add one conflict of interest, whatever others stand; refusals as those of declare_conflicts."""
    before = domain.check_sees_assessor(store.find_assessor(tx, id), tx.caller, id)
    return declare_conflicts(tx, id, domain.order_with(before, declaration), EVERY)


def declare_own_conflict(tx: Transaction, declaration: Declaration) -> Assessor:
    """Add a conflict of interest of the caller's own; NotFound for who is no assessor."""
    me = store.find_assessor_by_token(tx, tx.caller.issuer, tx.caller.subject)
    return declare_conflict(tx, domain.check_is_assessor(me).id, declaration)


def take_back_conflict(tx: Transaction, id: str, agency: str, reason: str) -> Assessor:
    """Take one conflict of interest back, for a reason. NotFound, Forbidden to the assessor itself."""
    before = domain.check_sees_assessor(store.find_assessor(tx, id), tx.caller, id)
    return declare_conflicts(tx, id, domain.order_without(before, agency, reason, tx.caller), EVERY)


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
