"""Inviting people, and taking invitations up."""

from dataclasses import replace

from services.intake import domain, store
from services.intake.commands.registry import give_to, make_known
from services.intake.domain import Person, invitations
from services.intake.domain.invitations import Invitation, InvitationOrder
from services.intake.store.invitations import find_invitation, save_invitation
from shared.events.intake import AppointmentAccepted
from shared.replicas.members import find_caller
from shared.storage.transaction import Transaction


def invite(tx: Transaction, order: InvitationOrder, id: str) -> Invitation:
    """Make an invitation whose link has the token of that id."""
    invitations.check_order(order, store.known_agencies(tx, order.agencies), tx.now)
    invitations.check_may_invite(tx.caller, order.role, order.agency)
    made = save_invitation(tx, invitations.made(order, id, tx.caller, tx.now))
    what = {"role": order.role, "agency": order.agency, "employer": order.employer}
    tx.audit(f"invitation:{id}", "invitation.made", **what)
    return made


def revoke_invitation(tx: Transaction, id: str) -> Invitation:
    """Have an open invitation count no more; again changes nothing."""
    found = invitations.may_see(tx.caller, find_invitation(tx, id))
    if found.revoked:
        return found
    revoked = save_invitation(tx, replace(invitations.opened(found, tx.now), revoked=tx.now))
    tx.audit(f"invitation:{id}", "invitation.revoked")
    return revoked


def accept_invitation(tx: Transaction, id: str, name: str) -> Person:
    """Give the caller the role of an invitation, once; `ministry` waits for an officer other than who invited.

    Assessors are appointed in review, which is told of it.
    """
    found = invitations.opened(find_invitation(tx, id), tx.now)
    inviter = find_caller(tx, found.by_issuer, found.by_subject, tx.now)
    invitations.check_accepts(tx.caller, found, inviter)
    person = store.find_person(tx, tx.caller.issuer, tx.caller.subject)
    known = person or domain.new_person(tx.caller.issuer, tx.caller.subject)
    named = replace(known, name=name or known.name)
    if found.role == invitations.ASSESSOR:
        after = make_known(tx, named)
        _publish_accepted(tx, found, after)
    else:
        after = give_to(tx, named, invitations.grant_of(found, tx.now), found.by)
    save_invitation(tx, replace(found, used=tx.now, person=after.id))
    tx.audit(f"invitation:{id}", "invitation.used", person=after.id)
    return after


def _publish_accepted(tx: Transaction, found: Invitation, person: Person) -> None:
    tx.emit(
        f"invitation:{found.id}",
        AppointmentAccepted(
            invitation=found.id,
            issuer=person.issuer,
            subject=person.subject,
            name=person.name or person.subject,
            by=found.by,
            by_issuer=found.by_issuer,
            by_subject=found.by_subject,
            accepted_at=tx.now,
            employer=found.employer,
        ),
    )
