"""Signed statements of one service that every service can check: JSON Web Tokens, each kind of a type of its own.

They are signed with EdDSA (RFC 8037) and written in exactly one way: what reads the same and is written otherwise is
refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Generic, NoReturn, TypeVar, get_type_hints

import jwt
import msgspec
from jwt.utils import base64url_encode

from shared.core.canonical import exact
from shared.signing.keys import PublicKey, SigningKey

END_OF_TIME = 253_402_300_799
"""The last second that a datetime can hold."""
Second = Annotated[int, msgspec.Meta(ge=0, le=END_OF_TIME)]

_ALGORITHM = "EdDSA"
_JWS = jwt.PyJWS(algorithms=[_ALGORITHM])
_SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{86}", re.ASCII)


class TokenRefused(Exception):
    """A token that does not count; the words say why, so that they may follow a colon."""


_CLAIMS = {"issuer": "idp", "subject": "sub", "until": "exp"}
"""What a claim is called where it has a name of its own: `iss` is the service that signed."""

V = TypeVar("V")


@dataclass(frozen=True)
class Kind(Generic[V]):
    """One kind of token: its type, whose keys of which purpose sign it, what it says, its most characters.

    `value` is a dataclass of texts, whole numbers and moments, which are cut to the second.
    """

    typ: str
    service: str
    purpose: str
    value: type[V]
    longest: int

    def sign(self, value: V, key: SigningKey) -> str:
        """Give the token."""
        claims = {"iss": self.service} | {
            _CLAIMS.get(name, name): int(said.timestamp()) if isinstance(said, datetime) else said
            for name, said in vars(value).items()
        }
        return _JWS.encode(exact(claims), key.secret, _ALGORITHM, self._header(key.kid))

    def open(self, token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> V:
        """Read what a token says; TokenRefused when it was changed, or no such key may sign it now.

        Whether its time is over is for the caller to compare.
        """
        return self._read(self._verify(token, public_keys, now))

    def _verify(self, token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> bytes:
        """Give the payload that a key in force for such tokens signed."""
        if len(token) > self.longest or not _SHAPE.fullmatch(token):
            _refuse("it is not complete")
        try:
            header = _JWS.get_unverified_header(token)
            key = public_keys.get(header.get("kid", ""))
            own = key is not None and (key.service, key.purpose) == (self.service, self.purpose)
            if key is None or not own or not key.in_force(now):
                _refuse("no key in force signed it")
            if token.partition(".")[0] != base64url_encode(exact(self._header(key.kid))).decode():
                _refuse("it is not of this kind")
            payload: bytes = _JWS.decode(token, key.verifier, [_ALGORITHM])
        except jwt.PyJWTError:
            _refuse("it was changed")
        return payload

    def _header(self, kid: str) -> dict[str, str]:
        return {"alg": _ALGORITHM, "kid": kid, "typ": self.typ}

    @cached_property
    def _types(self) -> dict[str, Any]:
        hints = get_type_hints(self.value)
        return {field.name: hints[field.name] for field in fields(self.value)}  # type: ignore[arg-type]

    @cached_property
    def _claims(self) -> type[msgspec.Struct]:
        told = [
            (_CLAIMS.get(name, name), Second if type is datetime else type)
            for name, type in self._types.items()
        ]
        return msgspec.defstruct("Claims", [("iss", str), *told], forbid_unknown_fields=True)

    def _read(self, payload: bytes) -> V:
        try:
            said = msgspec.to_builtins(msgspec.json.decode(payload, type=self._claims))
            written = exact(said)
        except (msgspec.MsgspecError, ValueError):
            _refuse("it does not say what such a one says")
        # A claim that stands twice, or is written in another way, is read differently by different readers.
        if said["iss"] != self.service or written != payload:
            _refuse("it does not say what such a one says")
        claimed = {name: said[_CLAIMS.get(name, name)] for name in self._types}
        return self.value(
            **{
                name: _moment(claim) if self._types[name] is datetime else claim
                for name, claim in claimed.items()
            }
        )


def _moment(second: int) -> datetime:
    """The moment that a claim of whole seconds means."""
    return datetime.fromtimestamp(second, UTC)


def _refuse(why: str) -> NoReturn:
    raise TokenRefused(why)
