"""The body of a request: read whole before anything is decided, so that nobody decides when it counts."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
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
LINGER_SECONDS = 5.0
"""For how long what is still sent after an answer is read on."""


@dataclass(frozen=True)
class BodyTimeouts:
    """For how many seconds a body may be silent, and may take in all; it holds a thread meanwhile."""

    silence_seconds: float = 5.0
    total_seconds: float = 15.0


class TooSlow(AppError):
    """The body did not come in time."""

    status, code, title = 408, "too-slow", "Too slow"


def up_to(most: int) -> Callable[[guard.ViewFunction], guard.ViewFunction]:
    """Declare that a view takes bodies of so many bytes, where these are more than any other view takes."""
    return lambda view: guard.annotate(view, largest=most)


def init_app(app: flask.Flask) -> None:
    """Have every request's body read before its caller is known, or at least after it was refused.

    After it was read its arrival is taken.
    """
    app.config.setdefault(TIMEOUTS, BodyTimeouts())
    app.before_request(_receive)
    app.after_request(_linger)


def _receive() -> None:
    request = flask.request
    if _comes(request) and not _streams(request):
        request.environ["wsgi.input"] = BytesIO(_whole(request))
        mark_received()


def _linger(response: flask.Response) -> flask.Response:
    """Close in stages (RFC 9112, section 9.6): a connection that is closed with a body unread loses the answer."""
    environ = flask.request.environ
    unread = _comes(flask.request) and not isinstance(environ["wsgi.input"], BytesIO)
    if unread and environ.get("gunicorn.socket"):
        response.call_on_close(partial(_read_on, environ))
    return response


def _read_on(environ: dict[str, Any]) -> None:
    connection = _Connection(environ)
    with _cut_after(LINGER_SECONDS, connection), suppress(OSError, ParseException):
        while connection.body.read(CHUNK_BYTES):
            pass


@contextmanager
def _cut_after(seconds: float, connection: "_Connection") -> Iterator[None]:
    timer = Timer(seconds, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _comes(request: flask.Request) -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _streams(request: flask.Request) -> bool:
    """Whether the view takes bytes, which it reads as they come and under limits of its own."""
    if request.url_rule is None:
        return False
    content: str | None = guard.view_documentation(flask.current_app, request.url_rule, request.method).get(
        "content"
    )
    return content is not None and content.endswith(("octet-stream", "form-data"))


def _whole(request: flask.Request) -> bytes:
    announced, most = request.content_length, _most(request)
    request.max_content_length = most
    if announced is not None and announced > most:
        raise _too_large(most)
    with _time_limited(request.environ):
        body = _read(get_input_stream(request.environ), most)
        if announced is not None and len(body) != announced:
            raise ClientDisconnected
    return body


def _most(request: flask.Request) -> int:
    most: int = flask.current_app.config["MAX_CONTENT_LENGTH"]
    if request.url_rule is None:
        return most
    declared = guard.view_documentation(flask.current_app, request.url_rule, request.method)
    largest: int = declared.get("largest", most)
    return max(most, largest)


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
    connection.allow(timeouts.silence_seconds)
    try:
        with _cut_after(timeouts.total_seconds, connection):
            yield
    except (OSError, ParseException, ClientDisconnected) as error:
        if isinstance(error, TimeoutError):
            connection.cut()
        raise _problem(error, connection.late) from error
    finally:
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
