"""The bytes of a PATCH as they come: in small pieces, under the upload's own limit, with a mark for each pause."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import flask
from werkzeug.exceptions import ClientDisconnected

from services.intake.blobs.receiving import ConnectionBroken
from shared.web import pace

PIECE = 32 * 1024
PAUSE_SECONDS = 1.0
"""After so long without a byte what has come is acknowledged, and another request may go on with the upload."""
SILENCE_SECONDS = 60.0
"""After so long a client is taken for gone: a lost connection would keep its thread."""
SILENCE = "UPLOAD_SILENCE_SECONDS"
"""The application's configuration may set another silence under this name."""


def pieces(room: int) -> Iterator[bytes]:
    """The body of the present request, an empty piece for each pause; ConnectionBroken when it breaks off.

    One byte more than `room` is read at most.
    """
    request = flask.request
    request.max_content_length = room + 1
    received, announced = 0, request.content_length
    try:
        with _paused(request) as silence, pace.kept(socket.SHUT_RD) as progress:
            for piece in _read(request, silence):
                received += len(piece)
                progress.moved = received
                yield piece
    except ClientDisconnected:
        announced = received + 1
    if announced is not None and received < announced:
        raise broken_off()


def broken_off() -> ConnectionBroken:
    """What is said of a body of which something is missing."""
    return ConnectionBroken(
        "The connection broke before all announced bytes came: ask for the offset, and go on."
    )


@contextmanager
def _paused(request: flask.Request) -> Iterator[float]:
    """Have reads end after a pause, and give for how long the client may be silent.

    A body in chunks could not be read on after a pause: it has none but the last.
    """
    silence: float = flask.current_app.config.get(SILENCE, SILENCE_SECONDS)
    line: socket.socket | None = request.environ.get("gunicorn.socket")
    if line:
        line.settimeout(silence if request.content_length is None else PAUSE_SECONDS)
    try:
        yield silence
    finally:
        if line:
            line.settimeout(silence)


def _read(request: flask.Request, silence: float) -> Iterator[bytes]:
    heard = time.monotonic()
    while True:
        try:
            piece = request.stream.read(PIECE)
        except ClientDisconnected as gone:
            if not isinstance(gone.__context__, TimeoutError) or time.monotonic() >= heard + silence:
                raise
            yield b""
            continue
        if not piece:
            return
        heard = time.monotonic()
        yield piece
