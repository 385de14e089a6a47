"""The envelope of every event: CloudEvents 1.0 in structured JSON, with correlation, causation, trace and sequence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import marshmallow as ma
import msgspec

from shared.events.contract import contract_of, load, of_type

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"


class Unreadable(Exception):
    """The bytes are no event that this code knows: they can never be handled, however often they are tried."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event on its way; `sequence` counts the events about `subject` from 1, without gaps."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    sequence: int
    correlation: str
    causation: str | None
    trace: str | None
    event: Any


class _Wire(msgspec.Struct, omit_defaults=True):
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    sequence: str
    correlationid: str
    data: Any
    specversion: str = ""
    datacontenttype: str = ""
    causationid: str | None = None
    traceparent: str | None = None


_decoder = msgspec.json.Decoder(_Wire)
_encoder = msgspec.json.Encoder()


def encode(envelope: Envelope) -> bytes:
    """The final bytes of an event, as they are stored, published and later delivered."""
    return _encoder.encode(
        _Wire(
            specversion="1.0",
            datacontenttype="application/json",
            id=envelope.id,
            source=envelope.source,
            type=contract_of(envelope.event).type,
            subject=envelope.subject,
            time=envelope.time,
            sequence=str(envelope.sequence),
            correlationid=envelope.correlation,
            causationid=envelope.causation,
            traceparent=envelope.trace,
            data=envelope.event,
        )
    )


def decode(body: bytes) -> Envelope:
    """The event in `body`; Unreadable says what is wrong with bytes that are none."""
    try:
        wire = _decoder.decode(body)
        contract = of_type(wire.type)
        if contract is None:
            raise Unreadable(f"no contract is called {wire.type!r}")
        if wire.specversion != "1.0" or not isinstance(wire.data, dict):
            raise Unreadable("not a CloudEvents 1.0 document with a data object")
        event = load(contract, wire.data)
        sequence = int(wire.sequence)
    except (msgspec.DecodeError, ma.ValidationError, ValueError, RecursionError) as problem:
        raise Unreadable(f"{type(problem).__name__}: {problem}") from problem
    return Envelope(
        id=wire.id,
        source=wire.source,
        type=wire.type,
        subject=wire.subject,
        time=wire.time,
        sequence=sequence,
        correlation=wire.correlationid,
        causation=wire.causationid,
        trace=wire.traceparent,
        event=event,
    )
