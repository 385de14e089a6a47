"""One request: to exactly the address that was checked, within a time that no receiver can stretch."""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from urllib.parse import SplitResult

from services.notify.domain import LONGEST_REST, RESTING, Answer
from services.notify.webhooks.targets import Refused, resolve
from shared.core import telemetry

MOST_BYTES = 4096
EXCERPT = 500
AGENT = "Nilai-Webhooks/1"

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, to have the whole answer after the name was resolved, and to resolve it."""

    connect: float = 5.0
    total: float = 15.0
    resolve: float = 5.0


USUAL = Limits()


def post(url: str, body: bytes, headers: Mapping[str, str], private: bool, limits: Limits = USUAL) -> Answer:
    """Send the body once and say what came of it; redirects are failures, and no proxy stands between.

    Whatever happens is an answer: a request that was made must be recorded.
    """
    began = time.monotonic()
    try:
        parts, port, addresses = resolve(url, private, limits.resolve)
        with _open(_Pinned(parts, port, addresses, limits), limits) as connection:
            status, rest, excerpt = _exchange(connection, parts, body, headers)
    except (OSError, HTTPException, Refused, UnicodeError) as problem:
        return Answer(None, _words(problem, limits), milliseconds=_since(began))
    except Exception as problem:
        log.exception("webhook broken off")
        return Answer(None, f"broken off: {type(problem).__name__}: {problem}", milliseconds=_since(began))
    return Answer(status, _complaint(status), excerpt, _since(began), rest)


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
    answer = connection.getresponse()
    if connection.late:  # headers that were cut off read like complete ones
        raise TimeoutError
    wished = answer.headers.get("Retry-After") if answer.status in RESTING else None
    return answer.status, min(_rest(wished), LONGEST_REST), _excerpt(answer)


def _excerpt(answer: HTTPResponse) -> str:
    """The beginning of what the receiver says; its status counts even if the rest never comes."""
    said = b""
    with suppress(OSError, HTTPException, ValueError):
        while len(said) < MOST_BYTES and (more := answer.read1(MOST_BYTES - len(said))):
            said += more
    return said.decode(errors="replace")[:EXCERPT]


def _rest(wished: str | None) -> timedelta:
    """How long Retry-After (seconds, or a date) asks to wait; nothing when it cannot be read."""
    if wished is None:
        return timedelta()
    if wished.strip().isdecimal():
        return timedelta(seconds=min(int(wished.strip()[:9]), 10**8))
    with suppress(ValueError, TypeError, OverflowError):
        return max(parsedate_to_datetime(wished) - datetime.now(UTC), timedelta())
    return timedelta()


def _complaint(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    redirect = "; redirects are not followed" if 300 <= status < 400 else ""
    return f"answered {status}{redirect}"


def _words(problem: Exception, limits: Limits) -> str:
    match problem:
        case Refused():
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
