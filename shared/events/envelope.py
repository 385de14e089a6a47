"""The envelope of every event: CloudEvents 1.0 in structured JSON, with correlation, causation, trace and sequence."""

import re
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Final

import marshmallow as ma
import msgspec

from shared.events.contract import contract_of, load, of_type

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
LARGEST_BYTES: Final = 8 * 1024 * 1024
FIELD_BYTES: Final = 256
DEEPEST: Final = 32
_SEQUENCE = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_CONTAINERS = (dict, list)
_LAST_SEQUENCE = 2**53 - 1
_SHORT = ("id", "source", "type", "subject", "sequence", "correlationid", "causationid", "traceparent")
_short = attrgetter(*_SHORT)


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

    @property
    def key(self) -> str:
        """What tells this event from every other: ids are unique within their source only, as CloudEvents has it."""
        return f"{self.id}@{self.source}"


class _Wire(msgspec.Struct, omit_defaults=True):
    id: str
    source: str
    type: str
    subject: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    sequence: str
    correlationid: str
    data: Any
    specversion: str = ""
    datacontenttype: str = ""
    causationid: str | None = None
    traceparent: str | None = None


class _Journey(msgspec.Struct):
    correlationid: str
    traceparent: str | None = None


_journey = msgspec.json.Decoder(_Journey)
_decoder = msgspec.json.Decoder(_Wire)
_encoder = msgspec.json.Encoder()


def encode(envelope: Envelope) -> bytes:
    """The final bytes of an event, as they are stored, published and later delivered.

    ValueError for what no consumer would take: a field of the envelope or the whole that is too large.
    """
    wire = _Wire(
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
    body = _encoder.encode(wire)
    _check_size(body)
    _check_fields(wire)
    return body


def journey(body: bytes) -> tuple[str, str | None]:
    """The correlation id and the traceparent of an event that this service made itself."""
    found = _journey.decode(body)
    return found.correlationid, found.traceparent


def decode(body: bytes) -> Envelope:
    """The event in `body`; Unreadable says what is wrong with bytes that are none."""
    try:
        _check_size(body)
        wire = _decoder.decode(body)
        _check_fields(wire)
        contract = of_type(wire.type)
        if contract is None:
            raise Unreadable(f"no contract is called {wire.type!r}")
        if wire.specversion != "1.0" or not isinstance(wire.data, dict):
            raise Unreadable("not a CloudEvents 1.0 document with a data object")
        _check_depth(wire.data)
        event = load(contract, wire.data)
        sequence = _sequence(wire.sequence)
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


def _check_size(body: bytes) -> None:
    if len(body) > LARGEST_BYTES:
        raise ValueError(f"the event has {len(body)} bytes, more than {LARGEST_BYTES}")


def _check_fields(wire: _Wire) -> None:
    for number, value in enumerate(_short(wire)):
        if value and len(value) > FIELD_BYTES // 4 and len(value.encode()) > FIELD_BYTES:
            raise ValueError(f"{_SHORT[number]} is longer than {FIELD_BYTES} bytes")


def _check_depth(data: dict[str, Any]) -> None:
    level = [child for child in data.values() if isinstance(child, _CONTAINERS)]
    for _ in range(DEEPEST - 1):
        if not level:
            return
        inner = (value.values() if isinstance(value, dict) else value for value in level)
        level = [child for values in inner for child in values if isinstance(child, _CONTAINERS)]
    if level:
        raise ValueError(f"the data are nested deeper than {DEEPEST} levels")


def _sequence(text: str) -> int:
    if not _SEQUENCE.fullmatch(text) or (number := int(text)) > _LAST_SEQUENCE:
        raise ValueError(f"the sequence is no whole number from 1 to {_LAST_SEQUENCE}")
    return number
