"""Short-lived links: a token says who may fetch which file, or the explanations, of which submission, and until when.

A token is a JSON Web Token, signed with EdDSA (RFC 8037) and of a type of its own, that is written in exactly one
way: what reads the same and is written otherwise is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import jwt
import msgspec
from jwt.utils import base64url_encode

from shared.core.canonical import JSON, exact
from shared.core.errors import Forbidden
from shared.signing.keys import PublicKey, SigningKey

PURPOSE = "links"
SIGNER = "review"
"""The only service whose keys may vouch for a link."""
WORDS = "words"
"""What stands in a link in the place of a file's hash when it opens the explanations of a submission."""
LONGEST = 2048
"""Characters of a token."""

_ALGORITHM = "EdDSA"
_TYPE = "nilai-link+jwt"
_JWS = jwt.PyJWS(algorithms=[_ALGORITHM])
_SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{86}", re.ASCII)
_END_OF_TIME = 253_402_300_799  # the last second that a datetime can hold


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
    """`iss` is the service that signed, `sub` the person as the identity provider `idp` names it."""

    iss: str
    sub: str
    idp: str
    exp: Annotated[int, msgspec.Meta(ge=0, le=_END_OF_TIME)]
    sha256: str
    submission: str


def sign_link(link: Link, key: SigningKey) -> str:
    """Give the token; `until` is cut to the second."""
    claims: dict[str, JSON] = {
        "iss": SIGNER,
        "sub": link.subject,
        "idp": link.issuer,
        "exp": int(link.until.timestamp()),
        "sha256": link.sha256,
        "submission": link.submission,
    }
    return _JWS.encode(exact(claims), key.secret, _ALGORITHM, _header(key.kid))


def open_link(token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> Link:
    """Read a token's claims; raises LinkRefused when it was changed, is over, or no such key may sign it.

    Whether the bearer is the person named is for the caller to compare.
    """
    if len(token) > LONGEST or not _SHAPE.fullmatch(token):
        _refuse("it is not complete")
    claims = _read(_verify(token, public_keys, now))
    until = datetime.fromtimestamp(claims.exp, UTC)
    if now >= until:
        raise LinkRefused(
            "This link is over: open the file again from the page that it stands on.", "link-over"
        )
    return Link(claims.sha256, claims.submission, claims.sub, claims.idp, until)


def _verify(token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> bytes:
    """Give the payload that a key in force for links signed."""
    try:
        header = _JWS.get_unverified_header(token)
        key = public_keys.get(header.get("kid", ""))
        if key is None or (key.service, key.purpose) != (SIGNER, PURPOSE) or not key.in_force(now):
            _refuse("no key in force signed it")
        if token.partition(".")[0] != base64url_encode(exact(_header(key.kid))).decode():
            _refuse("it is not of this kind")
        payload: bytes = _JWS.decode(token, key.verifier, [_ALGORITHM])
    except jwt.PyJWTError:
        _refuse("it was changed")
    return payload


def _header(kid: str) -> dict[str, str]:
    return {"alg": _ALGORITHM, "kid": kid, "typ": _TYPE}


def _read(payload: bytes) -> _Claims:
    try:
        claims = msgspec.json.decode(payload, type=_Claims)
        written = exact(msgspec.to_builtins(claims))
    except (msgspec.MsgspecError, ValueError):
        _refuse("it does not say what a link says")
    # A claim that stands twice, or is written in another way, is read differently by different readers.
    if claims.iss != SIGNER or written != payload:
        _refuse("it does not say what a link says")
    return claims


def _refuse(why: str) -> NoReturn:
    raise LinkRefused(f"This link does not open anything: {why}. Open the file again from its page.")
