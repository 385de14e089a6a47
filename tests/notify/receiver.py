"""A receiver of webhooks: a real HTTP server that does, request by request, what its script says."""

import base64
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from services.notify.domain import TEST_EVENT

LONGEST_HANG = 20.0

Step = Callable[["Handler"], None]


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        """The body as JSON."""
        payload: dict[str, Any] = msgspec.json.decode(self.body)
        return payload

    @property
    def sequence(self) -> int:
        """The number that the body carries."""
        return int(self.payload["data"]["sequence"])

    def verify(self, secret: str) -> None:
        """Check `v1` as any receiver would; raises when it does not hold."""
        Webhook(secret).verify(self.body, dict(self.headers))

    def verify_by_key(self, public: str) -> None:
        """Check `v1a` by hand; raises when no such signature holds."""
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        (signature,) = self.signatures("v1a")
        key.verify(base64.b64decode(signature), signed)

    def signatures(self, kind: str) -> list[str]:
        """The signatures of one kind."""
        pairs = [pair.split(",", 1) for pair in self.headers["webhook-signature"].split(" ")]
        return [signature for name, signature in pairs if name == kind]


class Handler(BaseHTTPRequestHandler):
    """Writes a request down and plays the next step."""

    server: "Receiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        step = self.server.keep(Got(self.path, headers, body))
        with suppress(OSError):
            step(self)

    do_GET = do_POST  # noqa: N815  # the name that the server looks for

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Receiver(ThreadingHTTPServer):
    """The server; every path has a script of its own, and answers 204 when that is played through.

    Test events are kept beside, in `tested`, and have scripts of their own, `answers`.
    """

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[Got] = []
        self.tested: list[Got] = []
        self.answers: dict[str, list[Step]] = {}
        self.scripts: dict[str, list[Step]] = {}
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        """An address of this server."""
        return f"{self._scheme}://{host}:{self.server_address[1]}{path}"

    def keep(self, got: Got) -> Step:
        """Remember a request and give what to do with it."""
        with self._lock:
            if got.payload.get("type") == TEST_EVENT:
                self.tested.append(got)
                script = self.answers.get(got.path)
                return script.pop(0) if script else says(204)
            self.got.append(got)
            script = self.scripts.get(got.path)
            return script.pop(0) if script else says(204)

    def at(self, path: str) -> list[Got]:
        """What came to one path, in the order in which it came."""
        with self._lock:
            return [request for request in self.got if request.path == path]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are part of the script."""


def says(status: int, body: bytes = b"", **headers: str) -> Step:
    """Answer with a status, headers (`Retry_After` for Retry-After) and a body."""

    def step(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return step


def hangs(handler: Handler) -> None:
    """Answer nothing until the receiver is released."""
    handler.server.released.wait(LONGEST_HANG)
    says(204)(handler)


def drips(handler: Handler) -> None:
    """Send a header without end, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while not handler.server.released.wait(0.05):
        handler.wfile.write(b"x")


def drips_body(handler: Handler) -> None:
    """Acknowledge, then send a body without end, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not handler.server.released.wait(0.05):
        handler.wfile.write(b"x")


def floods(handler: Handler) -> None:
    """Send a body without end as fast as it is taken."""
    handler.wfile.write(b"HTTP/1.1 500 Oh\r\n\r\n")
    while not handler.server.released.is_set():
        handler.wfile.write(b"x" * 65536)


def babbles(handler: Handler) -> None:
    """Answer something that is not HTTP."""
    handler.wfile.write(b"hello there\r\n\r\n")


def hangs_up(handler: Handler) -> None:
    """End the connection without a word."""
    handler.close_connection = True


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver at work inside."""
    with Receiver(tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
