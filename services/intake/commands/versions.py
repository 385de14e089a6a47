"""Two people at one thing: who changes it says which version, and a request that came twice has one effect."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from services.intake import store
from shared.errors import Conflict, Invalid, PreconditionNeeded
from shared.transaction import Transaction

K = TypeVar("K", bound=store.Thing)


def differs(stored: K | None, yours: K, expected: int | None) -> bool:
    """Whether `yours` is to be kept; False when it is what is stored already.

    `expected` is the version that the sender saw (0: none). PreconditionNeeded when a change does not say it,
    Conflict with both versions when it is another one.
    """
    if stored is None:
        if expected:
            raise _stale(None, yours)
        return True
    if replace(yours, rev=stored.rev) == stored:  # type: ignore[type-var]  # every Thing is a dataclass
        return False
    if expected is None:
        raise PreconditionNeeded('It exists already: say which version you change, as in If-Match: "7".')
    if expected != stored.rev:
        raise _stale(stored, yours)
    return True


def _stale(stored: K | None, yours: K) -> Conflict:
    return Conflict(
        "Somebody else changed this meanwhile: compare `yours` with `stored`, then send it again with "
        "If-Match set to the stored `rev`.",
        "stale",
        {"yours": _plain(yours), "stored": _plain(stored)},
    )


def _plain(thing: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(thing))


def once(tx: Transaction, key: str, order: object, work: Callable[[Transaction], Mapping[str, Any]]) -> bytes:
    """Do the work and give its answer's bytes; the caller's same order under the same key gives the same bytes.

    Invalid when the key was used for another order.
    """
    id = sha256(f"{tx.caller.id}\n{key}".encode()).hexdigest()
    fingerprint = sha256(msgspec.json.encode(order)).hexdigest()
    before = store.answered(tx, id)
    if before is None:
        body = msgspec.json.encode(work(tx))
        store.save_answered(tx, id, fingerprint, body)
        return body
    if before[0] != fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for another request: take a fresh key for a new one.",
            "idempotency-key-reused",
        )
    return before[1]
