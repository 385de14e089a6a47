"""What a view needs to hand a request on: run a command, ask a query, read an id or a key."""

import re
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import flask

from shared.auth import guard
from shared.core.errors import BadRequest, Invalid, PreconditionNeeded
from shared.storage.mongo import Store
from shared.storage.reader import Reader
from shared.storage.transaction import Origin, Transaction
from shared.web.fields import MEANINGS
from shared.web.requests import arrived, correlation, trace

P = ParamSpec("P")
R = TypeVar("R")

IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "The same key with the same body gives the same answer, and has one effect.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_KEY = re.compile(r"[!-~]{1,255}")


def run(command: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Carry out a command in one transaction, in the caller's name, at the time that the request arrived."""
    origin = Origin(caller=guard.caller(), correlation=correlation(), at=arrived(), trace=trace())
    return database().run(command, *args, origin=origin, **kwargs)


def query(question: Callable[Concatenate[Reader, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Ask a query."""
    return database().query(question, *args, **kwargs)


def database() -> Store:
    """The database of the service, for what is neither a command nor a query."""
    store: Store = flask.current_app.extensions["nilai"]
    return store


def checked(id: str, pattern: str) -> str:
    """An id in the path of something that is to be made; Invalid when it does not fit."""
    if re.fullmatch(pattern, id) is None:
        raise Invalid(f"{id[:80]!r} cannot be an id here: that is {MEANINGS[pattern]}.", "bad-id")
    return id


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
