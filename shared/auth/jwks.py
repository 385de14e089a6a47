"""The public keys of the identity provider, kept at hand and fetched anew when they may have changed."""

import threading
import time
from contextlib import suppress
from http.client import HTTPException

from shared.auth.fetching import get_json
from shared.auth.publickeys import PublicKey, choose, read_keys
from shared.core import telemetry
from shared.core.errors import TryLater
from shared.core.people import issuers_differ

log = telemetry.logger(__name__)

WAIT_SECONDS = 1.0


class KeySet:
    """Keys: refreshed every `fresh_seconds`, and for an unknown kid `pause_seconds` after the last try.

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
        self._keys: tuple[PublicKey, ...] = ()
        self._problem = "it does not answer"
        self._fetched: float | None = None
        self._tried: float | None = None
        self._fetch: _Fetch | None = None
        self._lock = threading.Lock()

    def find(self, id: str | None, algorithm: str = "") -> PublicKey | None:
        """The key of that id, or None; TryLater when no key could ever be fetched."""
        found = choose(self._keys, id, algorithm)
        if found is None or _older(self._fetched, self.fresh_seconds):
            fetch = self._refresh()
            if fetch and found is None:
                fetch.wait()
        if self._fetched is None:
            raise TryLater(
                f"No key of the identity provider could be fetched, so no token can be checked: {self._problem}. "
                "Try again soon.",
                code="issuer-away",
            )
        return choose(self._keys, id, algorithm)

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
        keys: tuple[PublicKey, ...] = ()
        try:
            keys = read_keys(get_json(self.jwks_url or self._discover(), self.limit_seconds))
        except (OSError, ValueError, HTTPException, RecursionError) as error:
            log.warning("keys of the identity provider not fetched", extra={"error": str(error)})
            # Errors of connections may name hosts that are nobody's business.
            self._problem = str(error) if isinstance(error, ValueError) else "it does not answer"
        finally:
            with self._lock:
                self._fetch, self._tried = None, time.monotonic()
                if keys:
                    self._keys, self._fetched = keys, self._tried
            fetch.ended.set()

    def _discover(self) -> str:
        found = get_json(self.issuer.rstrip("/") + "/.well-known/openid-configuration", self.limit_seconds)
        if found.get("issuer") != self.issuer:
            said = str(found.get("issuer"))[:200]
            differ = issuers_differ(said, self.issuer)
            raise ValueError(
                f"its discovery document is of {said!r}, not of {self.issuer!r}.{differ}".rstrip(".")
            )
        place = str(found.get("jwks_uri"))
        if self.issuer.startswith("https://") and not place.startswith("https://"):
            raise ValueError("its discovery document names keys at an address without TLS")
        return place


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
