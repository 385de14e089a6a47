"""Proposing and confirming that a signing key is revoked."""

from services.intake.domain import revocations
from services.intake.domain.revocations import Revocation, RevocationOrder
from services.intake.store.revocations import find_revocation, save_revocation
from shared.core.canonical import timestamp
from shared.storage.transaction import Transaction
from shared.storage.versions import check_rev


def propose_revocation(tx: Transaction, kid: str, order: RevocationOrder) -> Revocation:
    """Propose to revoke a key that is listed."""
    made = revocations.proposed(find_revocation(tx, kid), kid, order, tx.caller, tx.now)
    tx.audit(f"key:{kid}", "key.revocation-proposed", since=timestamp(made.since), reason=made.reason)
    return save_revocation(tx, made)


def confirm_revocation(tx: Transaction, kid: str, rev: int | None) -> Revocation:
    """Confirm what another officer proposed, in the version that the caller saw; again changes nothing."""
    stored = find_revocation(tx, kid)
    order = revocations.confirmed(stored, tx.caller, tx.now)
    if stored is order:
        return order
    check_rev(rev, order.rev, {}, order)
    tx.audit(f"key:{kid}", "key.revocation-confirmed", since=timestamp(order.since))
    return save_revocation(tx, order)
