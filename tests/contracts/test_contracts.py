"""Contracts: old samples stay readable for ever, the description is right, and who is named as a consumer consumes."""

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
from shared.events.contract import event
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
    said = {(service, contract.type) for contract in contracts() for service in contract.consumers}
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


def test_an_event_whose_fields_could_be_given_by_position_is_no_contract() -> None:
    @dataclass(frozen=True)
    class ByPosition:
        """Something happened."""

        agency: str
        cycle: str

    with pytest.raises(TypeError, match="ByPosition must be kw_only"):
        event("something.happened.v1", producer="intake", consumers=("review",))(ByPosition)
