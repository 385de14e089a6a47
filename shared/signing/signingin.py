"""What a browser keeps while somebody signs in: proof that the answer belongs to what it began itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.core.errors import Forbidden
from shared.signing.keys import PublicKey, SigningKey
from shared.signing.sessions import LONGEST, PURPOSE, SIGNER
from shared.signing.tokens import Kind, TokenRefused

GOOD_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class SigningIn:
    """One sign-in that is under way: its secrets, where it leads, until when."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: datetime


_KIND = Kind("nilai-signing-in+jwt", SIGNER, PURPOSE, SigningIn, LONGEST)


def sign(begun: SigningIn, key: SigningKey) -> str:
    """Give the token."""
    return _KIND.sign(begun, key)


def read(token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> SigningIn:
    """Read it; raises Forbidden when it does not count, or not any more."""
    try:
        begun = _KIND.open(token, public_keys, now)
    except TokenRefused as why:
        raise Forbidden(
            f"What the browser kept of this sign-in does not count: {why}.", "sign-in-over"
        ) from why
    if now >= begun.until:
        raise Forbidden("This sign-in took too long: begin again.", "sign-in-over")
    return begun
