"""Contracts: old samples stay readable for ever, the description is right, and who is named as a consumer consumes."""

import dataclasses
import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from shared.core.names import SERVICES
from shared.core.settings import Settings
from shared.events import Contract, Unreadable, asyncapi, contracts, decode, encode
from shared.events.contract import HEARTBEAT, event
from shared.service import Service, resolve

HERE = Path(__file__).parent
SAMPLES = HERE / "samples"
ALL = pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.type)


def sample(contract: Contract) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{contract.type}.json").read_text())
    return found


def holds(bigger: Any, smaller: Any) -> bool:
    """Whether everything in the smaller value stands in the bigger one too."""
    if isinstance(smaller, dict):
        return isinstance(bigger, dict) and all(
            key in bigger and holds(bigger[key], value) for key, value in smaller.items()
        )
    if isinstance(smaller, list):
        return isinstance(bigger, list) and len(bigger) == len(smaller) and all(map(holds, bigger, smaller))
    return bool(bigger == smaller)


@ALL
def test_the_frozen_sample_of_a_contract_is_read_and_published_without_loss(contract: Contract) -> None:
    event = decode((SAMPLES / f"{contract.type}.json").read_bytes())
    assert type(event.event) is contract.event_class
    assert holds(json.loads(encode(event)), sample(contract))


@ALL
def test_a_reader_ignores_what_it_does_not_know(contract: Contract) -> None:
    event = sample(contract)
    newer = {**event, "future": 1, "data": {**event["data"], "future": {"a": 1}}}
    assert decode(json.dumps(newer).encode()) == decode(json.dumps(event).encode())


@ALL
def test_an_event_without_one_of_its_fields_is_unreadable(contract: Contract) -> None:
    event = sample(contract)
    field = next(iter(event["data"]))
    del event["data"][field]
    with pytest.raises(Unreadable, match=field):
        decode(json.dumps(event).encode())


@ALL
def test_the_sample_keeps_the_published_description(contract: Contract) -> None:
    described = asyncapi.describe()
    payload = described["components"]["messages"][contract.type.replace(".", "-")]["payload"]
    schema = {**payload, "components": described["components"]}
    jsonschema.Draft202012Validator(schema).validate(sample(contract))


def test_every_sample_belongs_to_a_contract() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} == {contract.type for contract in contracts()}


def test_the_description_keeps_the_standard() -> None:
    standard = json.loads((HERE / "asyncapi-3.0.0.schema.json").read_text())
    jsonschema.Draft7Validator(standard).validate(json.loads(asyncapi.text()))


def test_whoever_a_contract_names_consumes_it_and_nobody_else_does(
    settings_of: Callable[..., Settings],
) -> None:
    handled = [contract for contract in contracts() if contract.kind != HEARTBEAT]
    said = {(service, contract.type) for contract in handled for service in contract.consumers}
    done = set()
    for name in SERVICES:
        service: Service = importlib.import_module(f"services.{name}.app").service
        handlers = resolve(service.handlers, settings_of(name))
        done |= {(name, contract.type) for contract in contracts() if contract.event_class in handlers}
    assert done == said


@pytest.mark.parametrize("levels", [5_000, 200_000])
def test_bytes_nested_deeper_than_any_reader_goes_are_unreadable(levels: int) -> None:
    body = (SAMPLES / "agency.set.v1.json").read_bytes().rstrip()
    with pytest.raises(Unreadable, match="RecursionError"):
        decode(body[:-1] + b', "future": ' + b"[" * levels + b"]" * levels + b"}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"specversion":"1.0"}',
        msgspec.json.encode({"id": 1}),
        b'{"id":"1","source":"x","type":"no.such.v1","subject":"s","time":"2026-01-01T00:00:00Z","sequence":"1",'
        b'"correlationid":"c","specversion":"1.0","data":{}}',
    ],
)
def test_other_bytes_are_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(body)


def _changed(**fields: object) -> bytes:
    return msgspec.json.encode({**json.loads((SAMPLES / "agency.set.v1.json").read_text()), **fields})


@pytest.mark.parametrize(
    "field", ["id", "source", "subject", "correlationid", "causationid", "traceparent", "sequence"]
)
def test_a_field_of_the_envelope_is_short(field: str) -> None:
    assert decode(_changed(**{field: "1" * 9})).type == "agency.set.v1"
    with pytest.raises(Unreadable, match=f"{field} is longer than 256 bytes"):
        decode(_changed(**{field: "1" * 257}))
    with pytest.raises(Unreadable):
        decode(_changed(**{field: "é" * 129}))


@pytest.mark.parametrize(
    "sequence", ["0", "-1", "01", "1_0", " 1", "٣", "9007199254740992", "9" * 200, "x", ""]
)
def test_a_sequence_counts_from_one_to_what_every_reader_can_count(sequence: str) -> None:
    assert decode(_changed(sequence="9007199254740991")).sequence == 2**53 - 1
    with pytest.raises(Unreadable, match="sequence"):
        decode(_changed(sequence=sequence))


def test_the_moment_of_an_event_has_a_zone() -> None:
    with pytest.raises(Unreadable, match="time"):
        decode(_changed(time="2026-01-01T00:00:00"))


def test_data_are_nested_no_deeper_than_any_contract_needs() -> None:
    def nested(levels: int) -> bytes:
        sample = json.loads((SAMPLES / "agency.set.v1.json").read_text())
        value: object = "leaf"
        for number in range(levels):
            value = {"a": value} if number % 2 else [value]
        return msgspec.json.encode({**sample, "data": {**sample["data"], "future": value}})

    assert decode(nested(31)).type == "agency.set.v1"
    with pytest.raises(Unreadable, match="nested deeper than 32"):
        decode(nested(32))


def test_a_message_larger_than_any_event_is_not_even_parsed() -> None:
    with pytest.raises(Unreadable, match="8388609 bytes, more than 8388608"):
        decode(b"x" * (8 * 1024 * 1024 + 1))


def test_what_no_consumer_would_take_is_never_made() -> None:
    event = decode(_changed())
    with pytest.raises(ValueError, match="subject is longer"):
        encode(dataclasses.replace(event, subject="s" * 257))
    large = dataclasses.replace(event.event, name="n" * 8 * 1024 * 1024)
    with pytest.raises(ValueError, match="more than 8388608"):
        encode(dataclasses.replace(event, event=large))


def test_an_event_whose_fields_could_be_given_by_position_is_no_contract() -> None:
    @dataclass(frozen=True)
    class ByPosition:
        """Something happened."""

        agency: str
        cycle: str

    with pytest.raises(TypeError, match="ByPosition must be kw_only"):
        event("something.happened.v1", producer="intake", consumers=("review",))(ByPosition)


@pytest.mark.parametrize(
    ("consumers", "feeds", "says"),
    [
        (("review",), ("ministry",), "names feeds: notify, which keeps them, must consume it"),
        (("notify",), ("ministry", "agency"), "and has none"),
        (("nobody",), (), "names a service or a feed that does not exist"),
    ],
)
def test_an_event_that_would_reach_the_wrong_streams_is_no_contract(
    consumers: tuple[str, ...], feeds: tuple[str, ...], says: str
) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Nameless:
        """Names no agency."""

        reason: str

    with pytest.raises(TypeError, match=says):
        event("thing.happened.v1", producer="intake", consumers=consumers, feeds=feeds)(Nameless)
    assert "thing.happened.v1" not in {contract.type for contract in contracts()}
