"""What a browser shows for somebody who has signed in: who it is, for five minutes, and what vouches for a form.

Intake signs both, every service reads them with the public keys.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from shared.core.errors import Forbidden, Unauthenticated
from shared.signing.keys import PublicKey, SigningKey
from shared.signing.tokens import Kind, TokenRefused

PURPOSE = "sessions"
SIGNER = "intake"
GOOD_FOR = timedelta(minutes=5)
"""How long a session counts without being renewed."""
LEEWAY = timedelta(seconds=30)
"""How far the clocks of the services may differ."""
LONGEST_SESSION = timedelta(hours=8)
FORM_GOOD_FOR = LONGEST_SESSION + timedelta(days=1)
"""A form may be sent again by who signed in anew, until the next day."""
LONGEST = 3600
"""Characters of a token; a browser keeps 4,096 of a cookie with its name."""
_MASK, _PAD = "~", 8
"""What a masked token begins with, and how many random bytes it is mixed with."""


@dataclass(frozen=True)
class Session:
    """Somebody who has signed in: the session's id, who it is as the identity provider says, and until when it lasts.

    `until` is the end of these five minutes, `end` that of the session; `deed` is when something was done last.
    """

    sid: str
    issuer: str
    subject: str
    name: str
    deed: datetime
    until: datetime
    end: datetime


@dataclass(frozen=True)
class FormProof:
    """That a form was given to somebody in a session of theirs, and until when it may be sent."""

    sid: str
    issuer: str
    subject: str
    until: datetime


_SESSION = Kind("nilai-session+jwt", SIGNER, PURPOSE, Session, LONGEST)
_FORM = Kind("nilai-csrf+jwt", SIGNER, PURPOSE, FormProof, LONGEST)


def sign_session(session: Session, key: SigningKey) -> str:
    """Give the token; moments are cut to the second."""
    return _SESSION.sign(session, key)


def read_session(token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> Session:
    """Read a session whether its five minutes are over or not; raises Unauthenticated for what is none."""
    try:
        return _SESSION.open(token, public_keys, now)
    except TokenRefused as why:
        raise Unauthenticated(
            f"The session does not count: {why}. Sign in again.", "session-invalid"
        ) from why


def sign_form(proof: FormProof, key: SigningKey) -> str:
    """Give the token that a form carries."""
    return _FORM.sign(proof, key)


def masked(token: str) -> str:
    """A form's token in other letters each time, so that how well its page is compressed tells nothing of it."""
    pad = os.urandom(_PAD)
    return _MASK + urlsafe_b64encode(pad + _mixed(token.encode(), pad)).rstrip(b"=").decode()


def read_form(token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> FormProof:
    """Read what a form carries, masked or not; raises Forbidden for what does not count, or not any more."""
    try:
        proof = _FORM.open(_unmasked(token), public_keys, now)
    except TokenRefused as why:
        raise Forbidden(f"The form's CSRF token does not count: {why}.", "csrf-invalid") from why
    if now >= proof.until:
        raise Forbidden("The form is too old: open its page again.", "csrf-over")
    return proof


def form_until(session: Session) -> datetime:
    """Until when a form of a session may be sent, by whoever signed in anew."""
    return session.end - LONGEST_SESSION + FORM_GOOD_FOR


def _unmasked(token: str) -> str:
    """The token below a mask; something that is none where it cannot be one."""
    if not token.startswith(_MASK) or len(token) > 2 * LONGEST:
        return token
    try:
        raw = urlsafe_b64decode(token[1:] + "=" * (-len(token[1:]) % 4))
        return _mixed(raw[_PAD:], raw[:_PAD]).decode("ascii")
    except ValueError:
        return ""


def _mixed(data: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, cycle(pad), strict=False))
