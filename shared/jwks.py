"""The public keys of the identity provider, kept at hand and fetched anew when they may have changed."""

import json
import threading
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

import jwt

from shared import telemetry
from shared.errors import TryLater

log = telemetry.logger(__name__)

ALGORITHMS = ("RS256", "ES256", "EdDSA")
FETCH_SECONDS = 3.0
LIMIT_BYTES = 1_000_000


class KeySet:
    """Keys by kid: refreshed every `fresh` seconds, and for an unknown kid at most once in `pause` seconds.

    When the identity provider is away the keys known last stay in use.
    """

    def __init__(self, issuer: str, jwks_url: str = "", fresh: float = 300, pause: float = 10) -> None:
        self.issuer = issuer
        self.jwks_url = jwks_url
        self.fresh = fresh
        self.pause = pause
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._lock = threading.Lock()

    def find(self, kid: str) -> jwt.PyJWK | None:
        """The key of that id, or None; TryLater when no key could ever be fetched."""
        if kid not in self._keys or _older(self._fetched, self.fresh):
            self._refresh(wait=kid not in self._keys)
        if self._fetched is None:
            raise TryLater(
                "The identity provider cannot be reached, so no token can be checked. Try again soon.",
                code="issuer-away",
            )
        return self._keys.get(kid)

    def _refresh(self, wait: bool) -> None:
        """Fetch, one thread at a time; who can go on with a known key does not wait for another's fetch."""
        if not self._lock.acquire(blocking=wait):
            return
        try:
            if _older(self._tried, self.pause if self._keys else 1):
                self._tried = time.monotonic()
                self._keys = _readable(_get_json(self.jwks_url or self._discover()))
                self._fetched = time.monotonic()
        except (OSError, ValueError, HTTPException) as error:
            log.warning("keys of the identity provider not fetched", extra={"error": str(error)})
        finally:
            self._lock.release()

    def _discover(self) -> str:
        found = _get_json(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ValueError(f"the discovery document is of {found.get('issuer')!r}, not of {self.issuer!r}")
        return str(found.get("jwks_uri"))


def _older(moment: float | None, seconds: float) -> bool:
    return moment is None or time.monotonic() - moment >= seconds


def _get_json(url: str) -> Mapping[str, Any]:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is not an http address")
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310  # http or https, see above
    with urlopen(request, timeout=FETCH_SECONDS) as answer:  # noqa: S310  # the same
        value = json.loads(answer.read(LIMIT_BYTES))
    if not isinstance(value, dict):
        raise ValueError(f"{url} did not answer with a JSON object")
    return value


def _readable(document: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The usable signature keys of a JWK set; those of unknown kinds are passed over."""
    keys: dict[str, jwt.PyJWK] = {}
    for entry in document.get("keys", ()):
        try:
            key = jwt.PyJWK.from_dict(entry)
        except (jwt.PyJWTError, AttributeError):
            continue
        if key.key_id and key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig"):
            keys[key.key_id] = key
    if not keys:
        raise ValueError("the JWK set has no usable key with a kid")
    return keys
