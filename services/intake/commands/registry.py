"""Agencies, people, and what they may do."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from services.intake import store
from services.intake.domain import Agency, Grant, Person, check_grants, check_span
from shared.core.errors import Conflict
from shared.events.intake import AgencySet, MemberGrant, MemberSet
from shared.storage.transaction import Transaction
from shared.storage.versions import differs


def set_agency(tx: Transaction, agency: Agency, expected: int | None = None) -> Agency:
    """Make an agency, or change one whose version the caller knows."""
    check_span(agency.since, agency.until)
    stored = store.get(tx, Agency, agency.id)
    return _keep_agency(tx, agency) if differs(stored, agency, expected) else stored or agency


def import_agencies(tx: Transaction, agencies: Sequence[Agency]) -> tuple[int, int]:
    """Set many agencies together, whatever their versions; gives how many were set and how many were so already."""
    ids = [one.id for one in agencies]
    store.prefetch(tx, Agency, ids, [f"agency:{id}" for id in ids])
    changed = [one for one in agencies if _is_new(store.get(tx, Agency, one.id), one)]
    for one in changed:
        check_span(one.since, one.until)
        _keep_agency(tx, one)
    return len(changed), len(agencies) - len(changed)


def _is_new(stored: Agency | None, agency: Agency) -> bool:
    return stored is None or replace(agency, rev=stored.rev) != stored


def _keep_agency(tx: Transaction, agency: Agency) -> Agency:
    subject = f"agency:{agency.id}"
    saved = store.save(tx, agency)
    tx.audit(subject, "agency.set", rev=saved.rev)
    tx.emit(
        subject,
        AgencySet(
            agency=agency.id, name=agency.name, group=agency.group, since=agency.since, until=agency.until
        ),
    )
    return saved


def set_person(tx: Transaction, person: Person, expected: int | None = None) -> Person:
    """Say who somebody is and everything that they may do."""
    agencies = {grant.agency for grant in person.grants if grant.agency}
    check_grants(person.grants, store.existing_agencies(tx, agencies))
    namesake = store.person_of(tx, person.issuer, person.subject)
    if namesake and namesake.id != person.id:
        raise Conflict(
            f"The identity provider's {person.subject} is the person {namesake.id} already.", "already-exists"
        )
    stored = store.get(tx, Person, person.id)
    return _keep_person(tx, person) if differs(stored, person, expected) else stored or person


def grant(tx: Transaction, issuer: str, subject: str, role: str, agency: str | None) -> Person:
    """Give one role from now on to whoever the identity provider knows so; again changes nothing."""
    known = store.person_of(tx, issuer, subject)
    id = "p-" + sha256(f"{issuer}|{subject}".encode()).hexdigest()[:16]
    person = known or Person(id, issuer, subject)
    if any((one.role, one.agency, one.until) == (role, agency, None) for one in person.grants):
        return person
    grants = (*person.grants, Grant(role, agency, tx.now))
    check_grants(grants, store.existing_agencies(tx, {one.agency for one in grants if one.agency}))
    return _keep_person(tx, replace(person, grants=grants))


def _keep_person(tx: Transaction, person: Person) -> Person:
    subject = f"person:{person.id}"
    saved = store.save(tx, person)
    roles = [f"{one.role}@{one.agency}" if one.agency else one.role for one in person.grants]
    tx.audit(subject, "member.set", rev=saved.rev, roles=roles)
    grants = tuple(
        MemberGrant(role=one.role, agency=one.agency, since=one.since, until=one.until)
        for one in person.grants
    )
    tx.emit(subject, MemberSet(person=person.id, issuer=person.issuer, subject=person.subject, grants=grants))
    return saved
