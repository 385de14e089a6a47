"""What a view needs to hand a request on: run a command, ask a query, read the headers of versions."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar

import flask

from shared.auth import guard
from shared.core.errors import BadRequest, Invalid, PreconditionNeeded
from shared.storage.mongo import Store
from shared.storage.reader import Reader
from shared.storage.transaction import Origin, Transaction
from shared.web.requests import arrived, correlation, trace

P = ParamSpec("P")
R = TypeVar("R")

Tagged: TypeAlias = tuple[R, dict[str, str]]
"""What is shown of a thing that has versions, with its ETag."""

Versioned: TypeAlias = tuple[R, int, dict[str, str]]
"""The same, with its status: 201 for the first version, 200 for any other."""

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": 'The ETag of the version that this changes, such as `"7"`.',
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
}
MAY_MATCH = IF_MATCH | {
    "required": False,
    "description": 'Needed where it exists already: the ETag of the version that this changes, such as `"7"`.',
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "The same key with the same body gives the same answer, and has one effect.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_ETAG = re.compile(r'"(\d{1,18})"')
_KEY = re.compile(r"[!-~]{1,255}")


def run(command: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Carry out a command in one transaction, in the caller's name, at the time that the request arrived."""
    origin = Origin(caller=guard.caller(), correlation=correlation(), at=arrived(), trace=trace())
    return _store().run(command, *args, origin=origin, **kwargs)


def query(question: Callable[Concatenate[Reader, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Ask a query."""
    return _store().query(question, *args, **kwargs)


def _store() -> Store:
    store: Store = flask.current_app.extensions["nilai"]
    return store


def etag(rev: int) -> str:
    """The ETag of a version."""
    return f'"{rev}"'


def tagged(shown: R, rev: int) -> Tagged[R]:
    """The answer that shows a version of a thing."""
    return shown, {"ETag": etag(rev)}


def versioned(shown: R, rev: int) -> Versioned[R]:
    """The answer to a PUT, whose first version is 201 (again, too: a lost answer may be asked for once more)."""
    return shown, HTTPStatus.CREATED if rev == 1 else HTTPStatus.OK, {"ETag": etag(rev)}


def checked(id: str, pattern: str) -> str:
    """An id in the path of something that is to be made; Invalid when it does not fit."""
    if re.fullmatch(pattern, id) is None:
        raise Invalid(f"The id {id[:80]!r} must look like {pattern}.", "bad-id")
    return id


def seen() -> int | None:
    """The version that the request says it changes, or None when it says none."""
    return if_match() if "If-Match" in flask.request.headers else None


def if_match() -> int:
    """The version that the request says it changes; PreconditionNeeded when it says none."""
    given = flask.request.headers.get("If-Match")
    if given is None:
        raise PreconditionNeeded(
            'Say which version you change: send the ETag that you got, as in If-Match: "7"; "0" if there is none yet.'
        )
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise BadRequest('If-Match must be one ETag as you got it, as in "7".', code="bad-if-match")
    return int(found[1])


def idempotency_key() -> str:
    """The Idempotency-Key of the request; PreconditionNeeded when there is none, BadRequest for an odd one."""
    given = flask.request.headers.get("Idempotency-Key")
    if given is None:
        raise PreconditionNeeded(
            "Send an Idempotency-Key: a fresh random text for this order, the same one when you send it again.",
            "idempotency-key-needed",
        )
    if _KEY.fullmatch(given):
        return given
    raise BadRequest("Idempotency-Key must be 1 to 255 visible ASCII characters.", "bad-idempotency-key")
