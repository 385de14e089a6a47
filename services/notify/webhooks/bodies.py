"""What a webhook says, frozen when the event is received: `{"type", "timestamp", "data"}` in less than 20 kB.

`data` holds the event's own fields beside `stream`, `sequence` (contiguous in that stream) and `event` (the id of
the event, the same in every stream). Fields that do not fit are left out and named in `omitted`, each with the
count of its entries and the SHA-256 of its canonical JSON.
"""

from collections.abc import Mapping, Sized
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from services.notify.domain import TEST_EVENT
from shared.core.canonical import canonical, timestamp
from shared.events import contract_of

LIMIT = 20_000
"""Bytes."""
RESERVED = frozenset({"stream", "sequence", "event", "omitted"})
"""The names in `data` that no contract may use for a field of its own."""

_SPACE = LIMIT - 500

_encoder = msgspec.json.Encoder()


def event_data(event: object) -> dict[str, Any]:
    """The event's fields as JSON values, the largest ones replaced by their count and hash until all fits.

    Those that its contract keeps private are not among them.
    """
    private = contract_of(event).private
    data = {name: value for name, value in msgspec.to_builtins(event).items() if name not in private}
    sizes = {name: len(_encoder.encode(value)) for name, value in data.items()}
    omitted: dict[str, Any] = {}
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        if len(_encoder.encode(data | {"omitted": omitted})) <= _SPACE:
            break
        omitted[name] = _summary(data.pop(name))
    return data | ({"omitted": omitted} if omitted else {})


def freeze(type: str, at: datetime, data: Mapping[str, Any], **reserved: str | int) -> bytes:
    """The final bytes for one stream; `reserved` are its values of stream, sequence and event."""
    return _encoder.encode({"type": type, "timestamp": timestamp(at), "data": {**data, **reserved}})


def freeze_test(stream: str, event: str, at: datetime) -> bytes:
    """The bytes of a test event, which stands before the first event of a stream; the same ones for the same event."""
    return freeze(TEST_EVENT, at, {}, stream=stream, sequence=0, event=event)


def _summary(value: Any) -> dict[str, Any]:
    return {
        "count": len(value) if isinstance(value, Sized) else 1,
        "sha256": sha256(canonical(value)).hexdigest(),
    }
