"""A request that came twice has one effect."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from services.intake import store
from shared.core.errors import Invalid
from shared.storage.transaction import Transaction


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
