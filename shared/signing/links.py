"""Short-lived links: a token says who may fetch which file, or the words, of which submission, and until when.

A token is `kid.claims.signature`, the last two in base64url without padding; the Ed25519 signature covers
"nilai.link.v1." and everything before its own dot.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

import msgspec

from shared.core.canonical import JSON, exact
from shared.core.errors import Forbidden
from shared.signing.keys import PublicKey, SigningKey

PURPOSE = "links"
SIGNER = "review"
"""The only service whose keys may vouch for a link."""
WORDS = "words"
"""What stands in a link in the place of a file's hash when it opens the words of a submission."""
LONGEST = 2048

_SHAPE = re.compile(r"([\w-]{1,128})\.([\w-]+)\.([\w-]{86})", re.ASCII)


class LinkRefused(Forbidden):
    """The link does not open anything, or not any more."""

    code, title = "link-refused", "Link not valid"


@dataclass(frozen=True)
class Link:
    """What a link allows: a file of one submission, or its WORDS, to a person (issuer and subject), until a second."""

    sha256: str
    submission: str
    subject: str
    issuer: str
    until: datetime


class _Claims(msgspec.Struct, forbid_unknown_fields=True):
    sha256: str
    submission: str
    subject: str
    issuer: str
    until: int


def sign_link(claims: Link, key: SigningKey) -> str:
    """Give the token; `until` is cut to the second."""
    fields: dict[str, JSON] = {
        "sha256": claims.sha256,
        "submission": claims.submission,
        "subject": claims.subject,
        "issuer": claims.issuer,
        "until": int(claims.until.timestamp()),
    }
    signed = f"{key.kid}.{_encode(exact(fields))}"
    return f"{signed}.{_encode(key.sign(_message(signed)))}"


def open_link(token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> Link:
    """Read a token's claims; raises LinkRefused when it was changed, is over, or no such key may sign it.

    Whether the bearer is the person named is for the caller to compare.
    """
    match = _SHAPE.fullmatch(token) if len(token) <= LONGEST else None
    if match is None:
        _refuse("it is not complete")
    kid, payload, signature = match.groups()
    key = public_keys.get(kid)
    if key is None or (key.service, key.purpose) != (SIGNER, PURPOSE) or not key.in_force(now):
        _refuse("no key in force signed it")
    raw = _decode(signature)
    if _encode(raw) != signature or not key.verifies(raw, _message(f"{kid}.{payload}")):
        _refuse("it was changed")
    claims = msgspec.json.decode(_decode(payload), type=_Claims)
    until = datetime.fromtimestamp(claims.until, UTC)
    if now >= until:
        raise LinkRefused(
            "This link is over: open the file again from the page that it stands on.", "link-over"
        )
    return Link(claims.sha256, claims.submission, claims.subject, claims.issuer, until)


def _refuse(why: str) -> NoReturn:
    raise LinkRefused(f"This link does not open anything: {why}. Open the file again from its page.")


def _message(signed: str) -> bytes:
    return f"nilai.link.v1.{signed}".encode()


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
