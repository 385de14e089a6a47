"""How many long bodies one process takes in or gives out at a time: slow ones leave threads for everybody else."""

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Condition

import flask

from shared.auth import guard
from shared.core.errors import Locked, TryLater
from shared.web import pace, problems

GOING_OUT = "nilai-going-out"
LARGE = 2_000_000
"""Bytes of an answer that needs a seat; below, the gateway takes it at once."""
PIECE = 64 * 1024
PATIENCE = 5.0
"""Seconds that an answer waits for its turn to be made."""


class ConcurrencyLimit:
    """So many at a time, and half of these for one agency or person."""

    def __init__(self, most: int, doing: str) -> None:
        self._all = max(1, most)
        self._each = max(1, self._all // 2)
        self._doing = doing
        self._running: Counter[str] = Counter()
        self._turn = Condition()

    @classmethod
    def of_uploads(cls, threads: int) -> "ConcurrencyLimit":
        """Half of a process's threads for files that come in."""
        return cls(threads // 2, "coming in")

    @classmethod
    def of_downloads(cls, threads: int) -> "ConcurrencyLimit":
        """A quarter for files that go out, so that another is always left for whatever is quick."""
        return cls(threads // 4, "going out")

    @contextmanager
    def acquire(self, who: str, patience: float = 0.0) -> Iterator[None]:
        """Count one more while it lasts; Locked or TryLater when there are too many, also after waiting so long."""
        with self._turn:
            self._turn.wait_for(lambda: self._is_free(who), patience)
            self._check(who)
            self._running[who] += 1
        try:
            yield
        finally:
            with self._turn:
                self._running[who] -= 1
                self._turn.notify_all()

    def _is_free(self, who: str) -> bool:
        return self._running[who] < self._each and self._running.total() < self._all

    def _check(self, who: str) -> None:
        # 423 and 503 are what tus clients try again after a while.
        if self._running[who] >= self._each:
            raise Locked(
                f"Yours are {self._each} of the files {self._doing} already: go on when one of them is through.",
                "too-many-at-once",
            )
        if self._running.total() >= self._all:
            raise TryLater(f"Too many files are {self._doing} at the moment: go on in a few seconds.")


def going_out() -> ConcurrencyLimit:
    """The one limit of this process for what goes out, files and large answers together."""
    limit = ConcurrencyLimit.of_downloads(flask.current_app.config["WEB_THREADS"])
    found: ConcurrencyLimit = flask.current_app.extensions.setdefault(GOING_OUT, limit)
    return found


def init_app(app: flask.Flask) -> None:
    """Have every large answer to a reading take a seat, and keep the least pace."""
    app.after_request(_seat)
    app.teardown_request(_leave)


def large(view: guard.ViewFunction) -> guard.ViewFunction:
    """Declare that a view may have a large answer: it takes its seat before that is made, so that memory is bounded."""
    return guard.annotate(view, large=True)


def take(app: flask.Flask) -> None:
    """Have every view that is declared `large` wait for its seat; to be called once the guard knows the caller."""
    app.before_request(_take)


def _take() -> None:
    request = flask.request
    if request.url_rule is None:
        return
    if guard.view_documentation(flask.current_app, request.url_rule, request.method).get("large"):
        flask.g.seat = _sit(PATIENCE)


def _sit(patience: float = 0.0) -> ExitStack:
    seat = ExitStack()
    try:
        seat.enter_context(going_out().acquire(guard.caller().id, patience))
    except (Locked, TryLater) as problem:
        raise TryLater(
            "Too many large answers are going out at the moment: ask again in a few seconds."
        ) from problem
    return seat


def _leave(_: BaseException | None) -> None:
    """Give the seat of an answer back that turned out small, or was never made."""
    if seat := flask.g.pop("seat", None):
        seat.close()


def _seat(response: flask.Response) -> flask.Response:
    if flask.request.method != "GET" or response.is_streamed or (response.content_length or 0) <= LARGE:
        return response
    try:
        seat = flask.g.pop("seat", None) or _sit()
    except TryLater as refused:
        return problems.of_app_error(refused)
    response.call_on_close(seat.close)
    progress = seat.enter_context(pace.kept(socket.SHUT_RDWR))
    response.response = _pieces(response.get_data(), progress)
    return response


def _pieces(data: bytes, progress: pace.Progress) -> Iterator[bytes]:
    for at in range(0, len(data), PIECE):
        yield data[at : at + PIECE]
        progress.moved += PIECE
