"""What a view needs to hand a request on: run a command, ask a query, read the headers of versions."""

import re
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import flask

from shared import auth
from shared.errors import BadRequest, PreconditionNeeded
from shared.mongo import Store
from shared.transaction import Transaction
from shared.view import View
from shared.web.requests import arrived, correlation, trace

P = ParamSpec("P")
R = TypeVar("R")

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": 'The ETag of the version that this changes, such as `"7"`.',
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same body gives the same answer, and has one effect.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_ETAG = re.compile(r'"(\d{1,18})"')
_KEY = re.compile(r"[!-~]{1,255}")


def run(command: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Carry out a command in one transaction, in the caller's name, at the time that the request arrived."""
    return _store().run(
        command,
        *args,
        caller=auth.caller(),
        correlation=correlation(),
        at=arrived(),
        trace=trace(),
        **kwargs,
    )


def look(query: Callable[Concatenate[View, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Ask a query."""
    return _store().look(query, *args, **kwargs)


def _store() -> Store:
    store: Store = flask.current_app.extensions["nilai"]
    return store


def etag(rev: int) -> str:
    """The ETag of a version."""
    return f'"{rev}"'


def if_match() -> int:
    """The version that the request says it changes; PreconditionNeeded when it says none."""
    given = flask.request.headers.get("If-Match")
    if given is None:
        raise PreconditionNeeded('Say which version you change: send its ETag, as in If-Match: "7".')
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise BadRequest('If-Match must be one ETag as you got it, as in "7".', code="bad-if-match")
    return int(found[1])


def idempotency_key() -> str | None:
    """The Idempotency-Key of the request, or None; BadRequest unless 1 to 255 visible ASCII characters."""
    given = flask.request.headers.get("Idempotency-Key")
    if given is None or _KEY.fullmatch(given):
        return given
    raise BadRequest("Idempotency-Key must be 1 to 255 visible ASCII characters.", code="bad-idempotency-key")
