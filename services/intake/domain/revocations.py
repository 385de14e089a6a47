"""Revoking a signing key: one officer proposes it, another confirms, and whoever holds the key files carries it out."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.core.errors import Conflict, Forbidden, Invalid, NotFound
from shared.core.people import Caller

LONGEST_REASON = 500


@dataclass(frozen=True)
class Revocation:
    """That a key shall count no more from a moment on, and why; it is an order when a second officer has confirmed it.

    Its id is the key's.
    """

    id: str
    since: datetime
    reason: str
    by: str
    by_issuer: str
    by_subject: str
    at: datetime
    confirmed_by: str | None = None
    confirmed: datetime | None = None
    rev: int = 0


@dataclass(frozen=True)
class RevocationOrder:
    """What somebody proposes: since when somebody else may have the key, and how that is known."""

    since: datetime
    reason: str


def proposed(
    stored: Revocation | None, id: str, order: RevocationOrder, caller: Caller, now: datetime
) -> Revocation:
    """The proposal, in place of one that nobody has confirmed; once confirmed, only an earlier moment is new."""
    if order.since > now:
        raise Invalid("The moment of a theft is over: name one that is not still to come.", "bad-revocation")
    if not 0 < len(order.reason.strip()) <= LONGEST_REASON:
        raise Invalid(f"Say why, in at most {LONGEST_REASON} characters.", "bad-revocation")
    if stored and stored.confirmed and stored.since <= order.since:
        raise Conflict(
            "This revocation was confirmed already, from an earlier moment on.", "revocation-confirmed"
        )
    return Revocation(
        id=id,
        since=order.since,
        reason=order.reason.strip(),
        by=caller.id,
        by_issuer=caller.issuer,
        by_subject=caller.subject,
        at=now,
        rev=stored.rev if stored else 0,
    )


def confirmed(stored: Revocation | None, caller: Caller, now: datetime) -> Revocation:
    """The order, confirmed by another officer than who proposed it; the same when it is so already."""
    if stored is None:
        raise NotFound("Nobody proposes to revoke this key.")
    if stored.confirmed:
        return stored
    if caller.id == stored.by or (caller.issuer, caller.subject) == (stored.by_issuer, stored.by_subject):
        raise Forbidden("You proposed this yourself: another officer confirms it.", "second-officer-needed")
    return replace(stored, confirmed_by=caller.id, confirmed=now)
