"""One request: to exactly the address that was checked, within a time that no receiver can stretch."""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from urllib.parse import SplitResult

from services.notify import domain
from services.notify.domain import WebhookResponse
from services.notify.webhooks.targets import TargetRefused, resolve
from shared.core import telemetry
from shared.core.ids import utcnow

MAX_BODY_BYTES = 4096
EXCERPT_LENGTH = 500
AGENT = "Nilai-Webhooks/1"

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, to have the whole answer after the name was resolved, and to resolve it."""

    connect: float = 5.0
    total: float = 15.0
    resolve: float = 5.0


USUAL = Limits()


def post(
    url: str, body: bytes, headers: Mapping[str, str], allow_private: bool, limits: Limits = USUAL
) -> WebhookResponse:
    """Send the body once and say what came of it; redirects are failures, and no proxy stands between.

    Whatever happens is a response: a request that was made must be recorded.
    """
    began = time.monotonic()
    try:
        parts, port, addresses = resolve(url, allow_private, limits.resolve)
        with _open(_Pinned(parts, port, addresses, limits), limits) as connection:
            status, rest, excerpt = _exchange(connection, parts, body, headers)
    except (OSError, HTTPException, TargetRefused, UnicodeError) as problem:
        return WebhookResponse(None, _error_text(problem, limits), milliseconds=_since(began))
    except Exception as problem:
        log.exception("webhook broken off")
        error = f"broken off: {type(problem).__name__}: {problem}"
        return WebhookResponse(None, error, milliseconds=_since(began))
    return WebhookResponse(status, domain.error_of(status), excerpt, _since(began), rest)


class _Pinned(HTTPConnection):
    """A connection that knows its addresses already: the name stays in Host, SNI and the certificate's check."""

    def __init__(self, parts: SplitResult, port: int, addresses: list[str], limits: Limits) -> None:
        super().__init__(parts.hostname or "", port)
        self.default_port = port if parts.port is None else 0
        self._addresses = addresses
        self._limits = limits
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._line: socket.socket | None = None  # http.client forgets its own before the body has come
        self.late = False

    def connect(self) -> None:
        """Connect to the first address that answers, and shake hands with who has the name's certificate."""
        self._line = self.sock = self._reach()
        self.sock.settimeout(self._limits.total)
        if self._tls:
            tls = self._tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self._line = self.sock = tls
            tls.do_handshake()

    def cut(self) -> None:
        """End whatever is under way on the connection; called from another thread."""
        self.late = True
        if self._line is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)

    def _reach(self) -> socket.socket:
        share = self._limits.connect / len(self._addresses)
        for address in self._addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, self.port), share)
        return socket.create_connection((self._addresses[-1], self.port), share)


@contextmanager
def _open(connection: _Pinned, limits: Limits) -> Iterator[_Pinned]:
    timer = Timer(limits.total, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield connection
    except (OSError, HTTPException) as problem:
        raise TimeoutError if connection.late else problem from problem
    finally:
        timer.cancel()
        connection.close()


def _exchange(
    connection: _Pinned, parts: SplitResult, body: bytes, headers: Mapping[str, str]
) -> tuple[int, timedelta, str]:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    usual = {"Content-Type": "application/json", "User-Agent": AGENT, "Connection": "close"}
    connection.request("POST", path, body, {**usual, **headers})
    response = connection.getresponse()
    if connection.late:  # headers that were cut off read like complete ones
        raise TimeoutError
    rest = domain.rest_asked_for(response.status, response.headers.get("Retry-After"), utcnow())
    return response.status, rest, _excerpt(response)


def _excerpt(response: HTTPResponse) -> str:
    """The beginning of what the receiver says; its status counts even if the rest never comes."""
    said = b""
    with suppress(OSError, HTTPException, ValueError):
        while len(said) < MAX_BODY_BYTES and (more := response.read1(MAX_BODY_BYTES - len(said))):
            said += more
    return said.decode(errors="replace")[:EXCERPT_LENGTH]


def _error_text(problem: Exception, limits: Limits) -> str:
    match problem:
        case TargetRefused():
            return str(problem)
        case socket.gaierror() | UnicodeError():
            return f"the name cannot be resolved: {problem}"
        case TimeoutError():
            return f"no complete answer within {limits.connect:g} s to connect and {limits.total:g} s in all"
        case ssl.SSLError():
            return f"no secure connection: {problem}"
        case OSError():
            return f"no connection: {problem.strerror or problem}"
        case _:
            return f"this is not HTTP: {type(problem).__name__}"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
