"""Invitations: a link with an end that gives whoever opens it first, and has signed in, one role."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from services.intake.domain.registry import Grant
from shared.core.errors import Conflict, Forbidden, Invalid, NotFound
from shared.core.people import AGENCY_ROLES, Caller

ASSESSOR = "assessor"
"""The role that review gives: whoever accepts it is appointed there."""
BY_MINISTRY = ("ministry", *AGENCY_ROLES, ASSESSOR)
BY_COORDINATOR = ("officer", "clerk", "member")
USUAL = timedelta(days=7)
LONGEST = timedelta(days=30)


@dataclass(frozen=True)
class Invitation:
    """One invitation: what it gives, for whom as a note says, who made it, until when; it is used or revoked once.

    Its id is the hash of the token that stands in the link, which nobody keeps. `employer` is the agency for which
    a future assessor works, if any.
    """

    id: str
    role: str
    agency: str | None
    note: str
    by: str
    by_issuer: str
    by_subject: str
    made: datetime
    until: datetime
    used: datetime | None = None
    person: str | None = None
    revoked: datetime | None = None
    employer: str | None = None
    rev: int = 0

    def state(self, now: datetime) -> str:
        """Whether it is open, used, revoked or over."""
        if self.used:
            return "used"
        if self.revoked:
            return "revoked"
        return "open" if now < self.until else "over"


@dataclass(frozen=True)
class InvitationOrder:
    """What somebody invites for: the role, the agency where it is held for one, a note, the end (None: the usual).

    `employer` is the agency for which a future assessor works, if any.
    """

    role: str
    agency: str | None
    note: str
    until: datetime | None
    employer: str | None = None

    @property
    def agencies(self) -> frozenset[str]:
        """The agencies that it names."""
        return frozenset(id for id in (self.agency, self.employer) if id)


def invitation_id(token: str) -> str:
    """The id of the invitation whose link has that token."""
    return sha256(token.encode()).hexdigest()


def check_may_invite(caller: Caller, role: str, agency: str | None) -> None:
    """Refuse what somebody may not give: officers of the ministry all roles of people, coordinators three of theirs."""
    if caller.has("ministry"):
        return
    if not (agency and role in BY_COORDINATOR and caller.has("coordinator", agency=agency)):
        raise Forbidden(
            f"Coordinators invite {', '.join(BY_COORDINATOR)} of their own agency; ask an officer of the ministry.",
            "not-yours-to-give",
        )


def check_order(order: InvitationOrder, known: Set[str], now: datetime) -> None:
    """Refuse an invitation for what nobody can hold, or that never counts; `known` are the agencies that exist.

    Raises Invalid.
    """
    if order.role not in BY_MINISTRY:
        raise Invalid(
            f"People are invited as {', '.join(BY_MINISTRY)}, not as {order.role}.", "bad-invitation"
        )
    if (order.role in AGENCY_ROLES) != (order.agency is not None):
        raise Invalid(
            "Name the agency for which the role is held; for ministry and assessor none.", "bad-invitation"
        )
    if order.employer is not None and order.role != ASSESSOR:
        raise Invalid("Only of an assessor say for which agency they work.", "bad-invitation")
    if unknown := sorted(order.agencies - known):
        raise Invalid(f"There is no agency {unknown[0]}.", "bad-invitation")
    if order.until is not None and not now < order.until <= now + LONGEST:
        raise Invalid(f"An invitation ends within {LONGEST.days} days from now.", "bad-invitation")


def made(order: InvitationOrder, id: str, caller: Caller, now: datetime) -> Invitation:
    """The invitation that somebody makes."""
    return Invitation(
        id=id,
        role=order.role,
        agency=order.agency,
        note=order.note,
        by=caller.id,
        by_issuer=caller.issuer,
        by_subject=caller.subject,
        made=now,
        until=order.until or now + USUAL,
        employer=order.employer,
    )


def opened(found: Invitation | None, now: datetime) -> Invitation:
    """The invitation of a link, if it counts still; NotFound or Conflict says why not."""
    if found is None:
        raise NotFound("There is no such invitation: is the whole link there?")
    state, again = found.state(now), "ask whoever invited you for a new one."
    if state == "used":
        raise Conflict(f"This invitation was used already: {again}", "invitation-used")
    if state == "revoked":
        raise Conflict(f"This invitation was revoked: {again}", "invitation-revoked")
    if state == "over":
        raise Conflict(f"This invitation was not taken up in time: {again}", "invitation-over")
    return found


def check_accepts(caller: Caller, found: Invitation, inviter: Caller) -> None:
    """Refuse to give oneself a role, and what the inviter could not give any more; raises Forbidden or Conflict."""
    if (caller.issuer, caller.subject) == (found.by_issuer, found.by_subject):
        raise Forbidden("You made this invitation yourself: nobody gives roles to themselves.", "own-roles")
    try:
        check_may_invite(inviter, found.role, found.agency)
    except Forbidden as why:
        raise Conflict(
            "Who invited you may not give this role any more: ask somebody else.", "invitation-void"
        ) from why


def grant_of(found: Invitation, now: datetime) -> Grant:
    """The role that an invitation gives from now on."""
    return Grant(found.role, found.agency, now)


def may_see(caller: Caller, found: Invitation | None) -> Invitation:
    """The invitation, for the ministry and for coordinators of its agency; NotFound for others."""
    if found and (
        caller.has("ministry") or (found.agency and caller.has("coordinator", agency=found.agency))
    ):
        return found
    raise NotFound("There is no such invitation.")
