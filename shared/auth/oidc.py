"""Signing in at the ministry's identity provider: OpenID Connect's code flow with PKCE, by discovery.

Authlib speaks the protocol; its requests keep to the limits of `fetching`, its keys are those of `jwks`.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import jwt
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc.errors import ExpiredTokenError, JoseError

from shared.auth.fetching import get_json, post_form
from shared.auth.jwks import KeySet
from shared.auth.publickeys import ALGORITHMS
from shared.auth.tokens import CLOCK_SECONDS
from shared.core import telemetry
from shared.core.errors import Forbidden, TryLater
from shared.core.settings import Settings
from shared.core.text import seen

LIMIT_SECONDS = 5.0
FRESH_SECONDS = 300.0
LONGEST_NAME = 120
_WAYS = ("client_secret_basic", "client_secret_post")
_UNREADABLE = (OSError, ValueError, HTTPException, RecursionError)

T = TypeVar("T")
log = telemetry.logger(__name__)


class SignInRefused(Forbidden):
    """Nobody is signed in, and why."""

    code, title = "sign-in-refused", "Not signed in"


@dataclass(frozen=True)
class Identity:
    """Whom the identity provider vouches for: the issuer and subject, and a name to show."""

    issuer: str
    subject: str
    name: str


@dataclass(frozen=True)
class Secrets:
    """What one sign-in shares with the browser that began it."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The identity provider of the settings, as a client sees it."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        self.client_id = settings.oidc_client_id
        self._settings = settings
        self._inside = (settings.oidc_internal_url or settings.oidc_issuer).rstrip("/")
        self._keys = KeySet(settings.oidc_issuer, settings.oidc_jwks_url)
        self._found: tuple[float, Mapping[str, Any]] | None = None

    def begin(self, back: str, secrets: Secrets, anew: bool = False) -> str:
        """The address to which a browser goes to sign in, and from there `back` to us.

        `anew` has the provider ask who it is, though it may know somebody already.
        """
        endpoint = self._endpoint("authorization_endpoint")
        more = {"prompt": "login"} if anew else {}
        made = self._client(back).create_authorization_url(
            endpoint, state=secrets.state, nonce=secrets.nonce, code_verifier=secrets.verifier, **more
        )
        return str(made[0])

    def finish(self, back: str, said: Mapping[str, str], secrets: Secrets) -> Identity:
        """Whom the provider names in its answer `said`; SignInRefused or TryLater says why nobody."""
        self._check_answer(said)
        tokens = self._redeem(back, said.get("code", ""), secrets)
        access = str(tokens.get("access_token", ""))
        claims = self._checked(str(tokens.get("id_token", "")), access, secrets.nonce)
        subject = str(claims["sub"])
        if not subject or len(subject) > 300:
            raise SignInRefused("The identity provider names nobody whom we could know.")
        return Identity(self.issuer, subject, _name_in(claims) or self._told_name(access, subject))

    def farewell(self, back: str) -> str | None:
        """Where somebody signs out at the provider too, to be led `back`; None where it has no such place."""
        try:
            place = self._discovered().get("end_session_endpoint")
        except TryLater:
            return None
        if not isinstance(place, str) or not place.startswith(("https://", "http://")):
            return None
        said = urlencode({"client_id": self.client_id, "post_logout_redirect_uri": back})
        return f"{place}{'&' if '?' in place else '?'}{said}"

    def _check_answer(self, said: Mapping[str, str]) -> None:
        named = said.get("iss")
        if named is None and self._discovered().get("authorization_response_iss_parameter_supported") is True:
            raise SignInRefused("The answer does not say whose it is.", "sign-in-invalid")
        if named not in (None, self.issuer):
            raise SignInRefused("The answer is of another identity provider.", "sign-in-invalid")
        if "error" in said:
            raise SignInRefused(f"The identity provider says: {said['error'][:100]}.")
        if not said.get("code"):
            raise SignInRefused("The identity provider gave no code.", "sign-in-invalid")

    def _redeem(self, back: str, code: str, secrets: Secrets) -> Mapping[str, Any]:
        client, endpoint = self._client(back), self._inner("token_endpoint")
        try:
            tokens: Mapping[str, Any] = _asked(
                lambda: client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=secrets.verifier
                )
            )
        except OAuth2Error as error:
            log.warning("code not redeemed", extra={"error": str(error.error)})
            raise SignInRefused(
                f"The identity provider does not take its code: {error.error}.", "sign-in-invalid"
            ) from error
        return tokens

    def _client(self, back: str) -> OAuth2Client:
        secret = self._settings.oidc_client_secret or None
        taken = self._discovered().get("token_endpoint_auth_methods_supported") or list(_WAYS)
        way = next((one for one in _WAYS if one in taken), _WAYS[0]) if secret else "none"
        return OAuth2Client(
            session=_Lines(),
            client_id=self.client_id,
            client_secret=secret,
            token_endpoint_auth_method=way,
            scope=self._settings.oidc_scopes,
            redirect_uri=back,
            code_challenge_method="S256",
        )

    def _checked(self, token: str, access: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token that is for us, of this sign-in, and in its time."""
        try:
            header = jwt.get_unverified_header(token)
            algorithm, id = str(header.get("alg")), header.get("kid")
            key = self._keys.find(id if isinstance(id, str) else None, algorithm)
            if key is None or key.problem or algorithm not in key.algorithms or algorithm not in ALGORITHMS:
                raise SignInRefused("The ID token is signed with a key that is not taken.", "sign-in-invalid")
            payload = jwt.PyJWS(algorithms=list(ALGORITHMS)).decode(token, key.key, list(key.algorithms))
            claims = _read(payload)
            self._validate(claims, header, access, nonce)
        except ExpiredTokenError as error:
            raise SignInRefused("The ID token is over: compare the clocks.", "sign-in-clock") from error
        except (jwt.PyJWTError, JoseError, ValueError, TypeError) as error:
            log.warning("ID token refused", extra={"error": str(error)})
            said = "The ID token is not yet valid: compare the clocks." if _is_early(error) else None
            raise SignInRefused(
                said or f"The ID token does not count: {type(error).__name__}.",
                "sign-in-clock" if said else "sign-in-invalid",
            ) from error
        return claims

    def _validate(self, claims: dict[str, Any], header: Mapping[str, Any], access: str, nonce: str) -> None:
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"nonce": nonce, "client_id": self.client_id, "access_token": access}
        CodeIDToken(claims, dict(header), options, params).validate(leeway=CLOCK_SECONDS)

    def _told_name(self, access: str, subject: str) -> str:
        """How the provider's userinfo calls somebody; nothing where it does not."""
        place = self._discovered().get("userinfo_endpoint")
        if not place or not access:
            return ""
        headers = {"Authorization": f"Bearer {access}"}
        try:
            told = get_json(self._inner("userinfo_endpoint"), LIMIT_SECONDS, headers)
        except _UNREADABLE as error:
            log.warning("userinfo not read", extra={"error": str(error)})
            return ""
        return _name_in(told) if told.get("sub") == subject else ""

    def _inner(self, name: str) -> str:
        """An endpoint at the address at which we reach the provider, which browsers may know by another."""
        said, issuer = self._endpoint(name), self.issuer.rstrip("/")
        return self._inside + said.removeprefix(issuer) if said.startswith(f"{issuer}/") else said

    def _endpoint(self, name: str) -> str:
        place = str(self._discovered().get(name))
        plain = place.startswith("http://") and not self.issuer.startswith("https://")
        if not (place.startswith("https://") or plain):
            log.warning("discovery names no usable endpoint", extra={"endpoint": name})
            raise TryLater("The identity provider does not say where to sign in.", "issuer-away")
        return place

    def _discovered(self) -> Mapping[str, Any]:
        known, now = self._found, time.monotonic()
        if known and now - known[0] < FRESH_SECONDS:
            return known[1]
        try:
            found = _asked(
                lambda: get_json(f"{self._inside}/.well-known/openid-configuration", LIMIT_SECONDS)
            )
        except TryLater:
            if known:
                return known[1]
            raise
        if found.get("issuer") != self.issuer:
            raise TryLater("The identity provider calls itself otherwise than the settings.", "issuer-away")
        self._found = (now, found)
        return found


class _Answer:
    """An answer as Authlib reads it."""

    def __init__(self, status: int, said: Mapping[str, Any]) -> None:
        self.status_code = status
        self._said = said

    def json(self) -> Mapping[str, Any]:
        return self._said

    def raise_for_status(self) -> None:
        raise OSError(f"the identity provider answered {self.status_code}")


class _Lines:
    """The requests of Authlib, within our limits."""

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> _Answer:
        sent, body = dict(headers), urlencode(data)
        url, sent, body = auth.prepare("POST", url, sent, body)
        return _Answer(*post_form(url, dict(_pairs(body)), sent, LIMIT_SECONDS))


def _pairs(body: str) -> list[tuple[str, str]]:
    return parse_qsl(body, keep_blank_values=True)


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except _UNREADABLE as error:
        log.warning("identity provider not reached", extra={"error": str(error)})
        raise TryLater(
            "The identity provider does not answer: try again in a moment.", "issuer-away"
        ) from error


def _read(payload: bytes) -> dict[str, Any]:
    claims = json.loads(payload)
    if not isinstance(claims, dict):
        raise ValueError("an ID token says an object")
    return claims


def _is_early(error: Exception) -> bool:
    return getattr(error, "claim", None) in ("iat", "nbf")


def _name_in(claims: Mapping[str, Any]) -> str:
    """The name that claims have for showing, in one line; nothing where there is none."""
    for claim in ("name", "preferred_username"):
        said = claims.get(claim)
        if isinstance(said, str) and (name := seen(said[:1000])[:LONGEST_NAME].strip()):
            return name
    return ""
