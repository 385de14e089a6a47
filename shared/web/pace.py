"""The least pace at which a long body moves, either way: whoever is slower would hold a thread for days."""

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread

import flask

CONFIG = "LEAST_PACE"
"""The name under which the application's configuration may keep another Pace."""


@dataclass(frozen=True)
class Pace:
    """So many bytes at least in so many seconds; the usual one is 16 kbit/s."""

    least_bytes: int = 120_000
    seconds: float = 60.0


class Progress:
    """How many bytes have moved so far."""

    def __init__(self) -> None:
        self.moved = 0


def kept(how: int) -> AbstractContextManager[Progress]:
    """While it lasts, shut the present request's connection down when what is noted in it is too slow.

    `how` is `socket.SHUT_RD` or `SHUT_RDWR`; it may be entered when the request's context is gone.
    """
    pace: Pace = flask.current_app.config.get(CONFIG, Pace())
    return _kept(flask.request.environ.get("gunicorn.socket"), how, pace)


@contextmanager
def _kept(line: socket.socket | None, how: int, pace: Pace) -> Iterator[Progress]:
    progress, over = Progress(), Event()
    if line:
        Thread(target=_watch, args=(line, how, progress, over, pace), daemon=True).start()
    try:
        yield progress
    finally:
        over.set()


def _watch(line: socket.socket, how: int, progress: Progress, over: Event, pace: Pace) -> None:
    before = 0
    while not over.wait(pace.seconds):
        if progress.moved - before < pace.least_bytes:
            with suppress(OSError):
                line.shutdown(how)
            return
        before = progress.moved
