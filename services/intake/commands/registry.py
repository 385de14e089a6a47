"""Agencies, people, and what they may do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.intake import domain, store
from services.intake.domain import Agency, Grant, Person
from services.intake.domain.memberships import Membership, given
from shared.core.imports import ImportResult
from shared.core.people import check_known_as, identity_change
from shared.events.intake import AgencySet, MemberGrant, MemberSet
from shared.storage.transaction import Transaction
from shared.storage.versions import EVERY, Expected, check_rev, differs


def set_agency(tx: Transaction, agency: Agency, expected_rev: Expected | None = None) -> Agency:
    """Make an agency, or change one whose version the caller knows."""
    domain.check_agency(agency)
    stored = store.find(tx, Agency, agency.id)
    return _save_agency(tx, agency) if differs(stored, agency, expected_rev) else stored or agency


def import_agencies(tx: Transaction, agencies: Sequence[Agency]) -> ImportResult:
    """Set many agencies together, whatever their versions; those that are so already stay as they are."""
    changed = domain.changed_agencies(agencies, store.load_agencies(tx, [agency.id for agency in agencies]))
    for agency in changed:
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


def set_person(tx: Transaction, details: Person, expected_rev: Expected | None = None) -> Person:
    """Say who somebody else is and everything that they may do; their issuer is the caller's.

    `ministry` waits for a second officer.
    """
    check_known_as(details.issuer, details.subject, tx.caller.issuer)
    domain.check_person_id(details.id)
    stored = store.find(tx, Person, details.id)
    person = domain.set_grants(stored, details, tx.caller.id, tx.now)
    domain.check_of_another(tx.caller, stored, person)
    domain.check_stays_who(stored, person, tx.now)
    _check_grants(tx, details)
    domain.check_identity(person, store.find_person(tx, person.issuer, person.subject))
    if not differs(stored, person, expected_rev):
        return stored or person
    changed = identity_change(stored.identity if stored else None, person.identity)
    return _save_person(tx, person, "member.set", **changed)


def confirm_person(tx: Transaction, id: str, expected_rev: Expected | None) -> Person:
    """Put in force what another officer proposed for that version of a person; again changes nothing."""
    person = domain.existing(store.find(tx, Person, id), f"person {id}")
    confirmed = domain.confirm(person, tx.caller)
    if confirmed is person:
        return person
    # Any version is none that the officer looked at.
    check_rev(None if expected_rev is EVERY else expected_rev, person.rev, {}, person)
    return _save_person(tx, confirmed, "member.confirmed")


def grant(tx: Transaction, issuer: str, subject: str, given: Grant, confirmed: bool = False) -> Person:
    """Give a role from now on to whoever the identity provider knows so; again changes nothing.

    `ministry` waits for an officer to confirm it, unless it is `confirmed` here or the issuer knows no officer yet.
    """
    person = store.find_person(tx, issuer, subject) or domain.new_person(issuer, subject)
    waits = given.role == domain.MINISTRY and not confirmed and store.has_officer(tx, issuer)
    after = domain.propose(person, given, tx.caller.id) if waits else domain.give(person, given)
    if after is person:
        return person
    _check_grants(tx, replace(after, grants=(given,)))
    return _save_person(tx, after, "member.set")


def give_to(tx: Transaction, person: Person, given: Grant, by: str) -> Person:
    """Give a role to a person whom somebody invited; `ministry` is proposed only."""
    waits = given.role == domain.MINISTRY
    after = domain.propose(person, given, by) if waits else domain.give(person, given)
    _check_grants(tx, replace(after, grants=(given,)))
    return _save_person(tx, after, "member.invited")


def make_known(tx: Transaction, person: Person) -> Person:
    """Have a person known who has no role by it."""
    return _save_person(tx, person, "member.invited")


def give_roles(tx: Transaction, people: Mapping[str, Person], wanted: Iterable[Membership]) -> None:
    """Give roles at agencies from now on, to people by subject; whoever is not among them is made known."""
    for person in given(wanted, people, tx.caller.issuer, tx.now):
        _save_person(tx, person, "member.set")


def take_name(tx: Transaction, name: str) -> None:
    """Call the person whom the identity provider has just vouched for as it does; nobody unknown is made known."""
    person = store.find_person(tx, tx.caller.issuer, tx.caller.subject)
    if person and name and person.name != name:
        _save_person(tx, replace(person, name=name), "member.named")


def _check_grants(tx: Transaction, person: Person) -> None:
    domain.check_grants(person.grants, store.known_agencies(tx, domain.agencies_of(person)))


def _save_person(tx: Transaction, person: Person, action: str, **more: str) -> Person:
    subject = f"person:{person.id}"
    saved = store.save(tx, person)
    proposed = [one.grant for one in person.proposals]
    tx.audit(
        subject,
        action,
        rev=saved.rev,
        roles=domain.roles_of(person.grants),
        proposed=domain.roles_of(proposed),
        **more,
    )
    event = MemberSet(
        person=person.id,
        issuer=person.issuer,
        subject=person.subject,
        grants=tuple(MemberGrant(**vars(grant)) for grant in person.grants),
        past=person.past,
        name=person.name,
    )
    tx.emit(subject, event)
    return saved
