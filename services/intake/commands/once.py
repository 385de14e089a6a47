"""A request that came twice has one effect."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from services.intake import domain, store
from services.intake.domain import Reply
from shared.storage.transaction import Transaction


def once(tx: Transaction, key: str, order: object, work: Callable[[Transaction], Mapping[str, Any]]) -> bytes:
    """Do the work and give its answer's bytes; the caller's same order under the same key gives the same bytes.

    Invalid when the key was used for another order.
    """
    id = sha256(f"{tx.caller.id}\n{key}".encode()).hexdigest()
    fingerprint = sha256(msgspec.json.encode(order)).hexdigest()
    reply = store.find_reply(tx, id)
    if reply:
        return domain.check_reply(reply, fingerprint)
    body = msgspec.json.encode(work(tx))
    store.add_reply(tx, id, Reply(fingerprint, body))
    return body
