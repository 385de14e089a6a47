"""The body of a request: read whole before anything is decided, so that nobody decides when it counts."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from threading import Timer
from typing import IO, Any

import flask
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_input_stream

from shared.auth import guard
from shared.core.errors import AppError, BadRequest, TooLarge
from shared.web.requests import mark_received

CHUNK_BYTES = 64 * 1024
TIMEOUTS = "BODY_TIMEOUTS"
"""The name under which the application's configuration keeps its BodyTimeouts."""


@dataclass(frozen=True)
class BodyTimeouts:
    """For how many seconds a body may be silent, and may take in all; it holds a thread meanwhile."""

    silence_seconds: float = 5.0
    total_seconds: float = 15.0


class TooSlow(AppError):
    """The body did not come in time."""

    status, code, title = 408, "too-slow", "Too slow"


def init_app(app: flask.Flask) -> None:
    """Have every request's body read before its caller is known; after that its arrival is taken."""
    app.config.setdefault(TIMEOUTS, BodyTimeouts())
    app.before_request(_receive)


def _receive() -> None:
    request = flask.request
    comes = request.content_length or "Transfer-Encoding" in request.headers
    if comes and not _streams(request):
        request.environ["wsgi.input"] = BytesIO(_whole(request))
        mark_received()


def _streams(request: flask.Request) -> bool:
    """Whether the view takes bytes, which it reads as they come and under limits of its own."""
    if request.url_rule is None:
        return False
    content: str | None = guard.view_documentation(flask.current_app, request.url_rule, request.method).get(
        "content"
    )
    return content is not None and content.endswith("octet-stream")


def _whole(request: flask.Request) -> bytes:
    announced, most = request.content_length, flask.current_app.config["MAX_CONTENT_LENGTH"]
    if announced is not None and announced > most:
        raise _too_large(most)
    with _time_limited(request.environ):
        body = _read(get_input_stream(request.environ), most)
        if announced is not None and len(body) != announced:
            raise ClientDisconnected
    return body


def _read(stream: IO[bytes], most: int) -> bytes:
    body = bytearray()
    while chunk := stream.read(CHUNK_BYTES):
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {most} bytes that are taken; send files as uploads.")


class _Connection:
    """The connection that a body comes on; outside of gunicorn there is none to watch."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.socket: socket.socket | None = environ.get("gunicorn.socket")
        self.body = environ["wsgi.input"]
        self.late = False

    def allow(self, seconds: float | None) -> None:
        """Have a silence of so many seconds end the reading."""
        if self.socket:
            self.socket.settimeout(seconds)

    def cut(self) -> None:
        """End the reading; an answer can still be sent. May be called from another thread."""
        self.late = True
        if self.socket:
            self.body.failed = True  # has gunicorn close the connection instead of reading on
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RD)


@contextmanager
def _time_limited(environ: dict[str, Any]) -> Iterator[None]:
    """Let the body that is read inside be neither silent nor slow for long, and say what was wrong with it."""
    timeouts: BodyTimeouts = flask.current_app.config[TIMEOUTS]
    connection = _Connection(environ)
    timer = Timer(timeouts.total_seconds, connection.cut)
    timer.daemon = True
    timer.start()
    connection.allow(timeouts.silence_seconds)
    try:
        yield
    except (OSError, ParseException, ClientDisconnected) as error:
        if isinstance(error, TimeoutError):
            connection.cut()
        raise _problem(error, connection.late) from error
    finally:
        timer.cancel()
        connection.allow(None)


def _problem(error: Exception, late: bool) -> AppError:
    if late:
        return TooSlow("The body came too slowly, so nothing was done: send it again.")
    if isinstance(error, ParseException):
        return BadRequest(f"The chunks of the body cannot be read: {error}.", "bad-chunks")
    return BadRequest(
        "The connection broke before all announced bytes came, so nothing was done: send them again.",
        "broken-off",
    )
