"""Access tokens of the identity provider: whose they are, or what is wrong with them, said so that it can be mended."""

import time
from collections.abc import Mapping
from typing import Any

import jwt

from shared.auth.jwks import KeySet
from shared.auth.publickeys import ALGORITHMS, PublicKey
from shared.core.errors import Unauthenticated
from shared.core.people import issuers_differ
from shared.core.settings import Settings

CLOCK_SECONDS = 60
"""How far the clock of the identity provider may be ahead of ours."""
EXPIRED_SECONDS = 10
LONGEST_SECONDS = 24 * 3600
"""How long a token may be good for; a stolen one is good for as long."""
_OTHER_KINDS: Mapping[str, str] = {
    "at_hash": "an ID token",
    "c_hash": "an ID token",
    "nonce": "an ID token",
    "events": "a logout or security event token",
    "htm": "a DPoP proof",
    "htu": "a DPoP proof",
}
"""Claims that stand in tokens of other kinds only, which some providers type as plain JWT like access tokens."""
_OTHER_TYPES = {"id": "an ID token", "refresh": "a refresh token", "logout": "a logout token"}
"""What Keycloak writes into a claim `typ`."""
_PROBLEMS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "token-expired", "The access token has expired: get a new one."),
    (
        jwt.ImmatureSignatureError,
        "token-not-yet-valid",
        "The access token is not valid yet: is the clock of this machine right?",
    ),
    (jwt.MissingRequiredClaimError, "token-incomplete", "The access token lacks iss, aud, sub or exp."),
    (jwt.InvalidSignatureError, "token-forged", "The signature of the access token does not verify."),
)


class Tokens:
    """Checks access tokens against the settings, with the identity provider's keys."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        self.audience = settings.oidc_audience
        self.types = settings.oidc_token_types
        self.keys = KeySet(settings.oidc_issuer, settings.oidc_jwks_url)

    def subject(self, token: str) -> str:
        """Whom a token means; raises Unauthenticated."""
        try:
            header = jwt.get_unverified_header(token)
            self._check_type(str(header.get("typ") or "JWT"))
            claims = self._claims(token, self._key(header))
        except jwt.InvalidIssuerError as error:
            raise self._other_issuer(token) from error
        except jwt.InvalidAudienceError as error:
            raise self._other_audience(token) from error
        except (jwt.PyJWTError, OverflowError) as error:
            raise _refusal(error) from error
        _check_kind(claims)
        _check_times(claims)
        return _subject(str(claims["sub"]))

    def _check_type(self, said: str) -> None:
        # RFC 7515 lets the beginning of the media type be left out; types know no capitals.
        if said.lower().removeprefix("application/") not in self.types:
            raise Unauthenticated(
                f"The token's typ is {_short(said)}; access tokens here have {' or '.join(sorted(self.types))}.",
                code="token-wrong-type",
            )

    def _key(self, header: Mapping[str, Any]) -> PublicKey:
        algorithm, id = str(header.get("alg")), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise Unauthenticated(
                f"The access token is signed with {_short(algorithm)}; taken are {', '.join(ALGORITHMS)}.",
                code="token-wrong-algorithm",
            )
        key = self.keys.find(id if isinstance(id, str) else None, algorithm)
        if key is None:
            raise Unauthenticated("The access token is signed with an unknown key.", code="token-unknown-key")
        if key.problem:
            raise Unauthenticated(f"The access token is signed with {key.problem}.", code="token-weak-key")
        if algorithm not in key.algorithms:
            raise Unauthenticated(
                f"The access token is signed with {algorithm}, but its key is for {', '.join(key.algorithms)}.",
                code="token-wrong-algorithm",
            )
        return key

    def _claims(self, token: str, key: PublicKey) -> dict[str, Any]:
        return jwt.decode(
            token,
            key.key,
            algorithms=key.algorithms,
            issuer=self.issuer,
            audience=self.audience,
            leeway=CLOCK_SECONDS,
            options={"require": ["iss", "aud", "sub", "exp"]},
        )

    def _other_issuer(self, token: str) -> Unauthenticated:
        said = str(_signed(token).get("iss"))
        differ = issuers_differ(said, self.issuer)
        return Unauthenticated(
            f"The access token is from {_short(said)}, not from {self.issuer}.{differ}", "token-wrong-issuer"
        )

    def _other_audience(self, token: str) -> Unauthenticated:
        said = _signed(token).get("aud")
        names = ", ".join(map(str, said)) if isinstance(said, list) else str(said)
        return Unauthenticated(
            f"The access token is meant for {_short(names)}, not for {self.audience}.", "token-wrong-audience"
        )


def _signed(token: str) -> Mapping[str, Any]:
    """The claims of a token whose signature has been verified already."""
    found: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def _check_kind(claims: Mapping[str, Any]) -> None:
    kinds = [_OTHER_KINDS[name] for name in claims if name in _OTHER_KINDS]
    if isinstance(said := claims.get("typ"), str) and said.lower() in _OTHER_TYPES:
        kinds.append(_OTHER_TYPES[said.lower()])
    if kinds:
        raise Unauthenticated(f"This is {kinds[0]}: send an access token.", code="token-wrong-type")


def _check_times(claims: Mapping[str, Any]) -> None:
    left = float(claims["exp"]) - time.time()
    if left <= -EXPIRED_SECONDS:
        raise _refusal(jwt.ExpiredSignatureError())
    if left > LONGEST_SECONDS + CLOCK_SECONDS:
        raise Unauthenticated(
            f"The access token is good for more than {LONGEST_SECONDS // 3600} hours, which is too long to trust it.",
            code="token-too-long",
        )


def _short(said: str) -> str:
    """What a token says, as far as an answer may repeat it."""
    return ascii(said[:100])


def _refusal(error: Exception) -> Unauthenticated:
    for kind, code, detail in _PROBLEMS:
        if isinstance(error, kind):
            return Unauthenticated(detail, code=code)
    return Unauthenticated("The access token cannot be read.", code="token-invalid")


def _subject(said: str) -> str:
    """A subject that can be kept and compared; half a character is none."""
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in said):
        raise Unauthenticated("The access token's sub is no text.", code="token-invalid")
    return said
