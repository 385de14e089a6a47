"""Agencies, people, and what they may do."""

from collections.abc import Sequence

from services.intake import domain, store
from services.intake.domain import Agency, ImportResult, Person
from shared.events.intake import AgencySet, MemberGrant, MemberSet
from shared.storage.transaction import Transaction
from shared.storage.versions import differs


def set_agency(tx: Transaction, agency: Agency, expected_rev: int | None = None) -> Agency:
    """Make an agency, or change one whose version the caller knows."""
    domain.check_span(agency.since, agency.until)
    stored = store.find(tx, Agency, agency.id)
    return _save_agency(tx, agency) if differs(stored, agency, expected_rev) else stored or agency


def import_agencies(tx: Transaction, agencies: Sequence[Agency]) -> ImportResult:
    """Set many agencies together, whatever their versions; those that are so already stay as they are."""
    changed = domain.changed_agencies(agencies, store.load_agencies(tx, [agency.id for agency in agencies]))
    for agency in changed:
        domain.check_span(agency.since, agency.until)
        _save_agency(tx, agency)
    return ImportResult(len(changed), len(agencies) - len(changed))


def _save_agency(tx: Transaction, agency: Agency) -> Agency:
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


def set_person(tx: Transaction, person: Person, expected_rev: int | None = None) -> Person:
    """Say who somebody is and everything that they may do."""
    _check_grants(tx, person)
    domain.check_identity(person, store.find_person(tx, person.issuer, person.subject))
    stored = store.find(tx, Person, person.id)
    return _save_person(tx, person) if differs(stored, person, expected_rev) else stored or person


def grant(tx: Transaction, issuer: str, subject: str, role: str, agency: str | None) -> Person:
    """Give one role from now on to whoever the identity provider knows so; again changes nothing."""
    person = store.find_person(tx, issuer, subject) or domain.new_person(issuer, subject)
    granted = domain.granted(person, role, agency, tx.now)
    if granted == person:
        return person
    _check_grants(tx, granted)
    return _save_person(tx, granted)


def _check_grants(tx: Transaction, person: Person) -> None:
    domain.check_grants(person.grants, store.known_agencies(tx, domain.agencies_of(person)))


def _save_person(tx: Transaction, person: Person) -> Person:
    subject = f"person:{person.id}"
    saved = store.save(tx, person)
    tx.audit(subject, "member.set", rev=saved.rev, roles=domain.roles_of(person))
    grants = tuple(
        MemberGrant(role=grant.role, agency=grant.agency, since=grant.since, until=grant.until)
        for grant in person.grants
    )
    tx.emit(subject, MemberSet(person=person.id, issuer=person.issuer, subject=person.subject, grants=grants))
    return saved
