"""The public keys of the identity provider, kept at hand and fetched anew when they may have changed."""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import jwt

from shared.auth.fetching import get_json
from shared.core import telemetry
from shared.core.errors import TryLater

log = telemetry.logger(__name__)

ALGORITHMS = ("RS256", "ES256", "EdDSA")
WAIT_SECONDS = 1.0


class KeySet:
    """Keys by kid: refreshed every `fresh_seconds`, and for an unknown kid `pause_seconds` after the last try.

    A thread of its own fetches. Whoever has a known key goes on with the keys known last; all others wait until
    the fetch is a second old, together, so that a slow identity provider holds up nobody for longer.
    """

    def __init__(
        self,
        issuer: str,
        jwks_url: str = "",
        fresh_seconds: float = 300,
        pause_seconds: float = 10,
        limit_seconds: float = 5,
    ) -> None:
        self.issuer = issuer
        self.jwks_url = jwks_url
        self.fresh_seconds = fresh_seconds
        self.pause_seconds = pause_seconds
        self.limit_seconds = limit_seconds
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._fetch: _Fetch | None = None
        self._lock = threading.Lock()

    def find(self, kid: str) -> jwt.PyJWK | None:
        """The key of that id, or None; TryLater when no key could ever be fetched."""
        if kid not in self._keys or _older(self._fetched, self.fresh_seconds):
            fetch = self._refresh()
            if fetch and kid not in self._keys:
                fetch.wait()
        if self._fetched is None:
            raise TryLater(
                "The identity provider cannot be reached, so no token can be checked. Try again soon.",
                code="issuer-away",
            )
        return self._keys.get(kid)

    def _refresh(self) -> "_Fetch | None":
        """The fetch that is under way, begun now if it is time for one."""
        with self._lock:
            if self._fetch is None and _older(self._tried, self.pause_seconds if self._keys else 1):
                fetch = _Fetch()
                with suppress(RuntimeError):  # no thread is to be had now: the next who asks tries again
                    threading.Thread(target=self._work, args=[fetch], daemon=True).start()
                    self._fetch = fetch
            return self._fetch

    def _work(self, fetch: "_Fetch") -> None:
        keys: Mapping[str, jwt.PyJWK] = {}
        try:
            keys = _readable(get_json(self.jwks_url or self._discover(), self.limit_seconds))
        except (OSError, ValueError, HTTPException, RecursionError) as error:
            log.warning("keys of the identity provider not fetched", extra={"error": str(error)})
        finally:
            with self._lock:
                self._fetch, self._tried = None, time.monotonic()
                if keys:
                    self._keys, self._fetched = keys, self._tried
            fetch.ended.set()

    def _discover(self) -> str:
        found = get_json(self.issuer.rstrip("/") + "/.well-known/openid-configuration", self.limit_seconds)
        if found.get("issuer") != self.issuer:
            raise ValueError(f"the discovery document is of {found.get('issuer')!r}, not of {self.issuer!r}")
        return str(found.get("jwks_uri"))


class _Fetch:
    """A fetch that is under way, for those who wait for it."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._give_up_at = time.monotonic() + WAIT_SECONDS

    def wait(self) -> None:
        """Wait until it has ended, or is a second old."""
        self.ended.wait(max(0.0, self._give_up_at - time.monotonic()))


def _older(moment: float | None, seconds: float) -> bool:
    return moment is None or time.monotonic() - moment >= seconds


def _readable(document: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The usable signature keys of a JWK set; what is no such key is passed over."""
    entries = document.get("keys")
    found = [_key(entry) for entry in entries] if isinstance(entries, list) else []
    keys = {key.key_id: key for key in found if key and key.key_id}
    if not keys:
        raise ValueError("the JWK set has no usable key with a kid")
    return keys


def _key(entry: Any) -> jwt.PyJWK | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return None
    try:
        key = jwt.PyJWK.from_dict(entry)
    except (jwt.PyJWTError, TypeError, ValueError, AttributeError):  # odd members fail in many ways
        return None
    return key if key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig") else None
