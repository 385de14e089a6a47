"""JSON as it was written: exact numbers, keys that stand once, and nothing that is not JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from services.intake.app import service
from shared.core.errors import BadRequest
from shared.service import Service
from shared.web.decoding import decode
from shared.web.fields import Number
from tests.intake.rounds import A, Round, answer, people, problem
from tests.intake.tus import ROOT
from tests.support.stage import Stage

CLOSE = "2.99999999999999999999"


class ValueSchema(Schema):
    value = Number(required=True)


def value_of(text: str) -> Any:
    """What a Number keeps of a number in a body."""
    return ValueSchema().load(decode(b'{"value": %s}' % text.encode()))["value"]


@pytest.mark.parametrize("text", [CLOSE, "0.1000000000000000055511151231257827", "1e-400"])
def test_a_number_that_no_double_carries_keeps_its_text(text: str) -> None:
    assert value_of(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("2.75", 2.75), ("2.50", 2.5), ("3E0", 3.0), ("-0.0", 0.0), ('"7/6"', "7/6")],
)
def test_any_other_number_is_what_it_says(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize("text", ["0." + "1" * 60, "1" * 60, "true", "[]"])
def test_of_a_number_only_so_many_digits_are_kept(text: str) -> None:
    with pytest.raises(ValidationError, match="Must be a number"):
        value_of(text)


@pytest.mark.parametrize(
    ("body", "key"), [('{"a": 1, "a": 2}', "'a'"), ('[{"b": {"x": 1, "y": 1, "\\u0078": 1}}]', "'x'")]
)
def test_a_key_that_stands_twice_is_named(body: str, key: str) -> None:
    with pytest.raises(BadRequest, match=f"The key {key} stands twice") as found:
        decode(body.encode())
    assert found.value.cause_code == "key-twice"


def test_in_a_flood_of_keys_the_one_that_stands_twice_is_found_at_once() -> None:
    names = ", ".join(f'"{n}": 1' for n in range(100_000))
    with pytest.raises(BadRequest, match="The key '7' stands twice"):
        decode(f'{{{names}, "7": 1}}'.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"1 2",
        b'{"a": 1,}',
        b"\xff",
        '"é"'.encode("utf-16"),
        b"\xef\xbb\xbf1",
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\xed\xa0\x80"',
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"1e-9999999999999999999999",
        b"9" * 6000,
        b"01",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="The content is not JSON") as found:
        decode(body)
    assert found.value.cause_code == "not-json"


def test_everything_else_is_what_the_standard_library_says() -> None:
    said = {"a": [1, 2.5, -3e-7, True, None, "é\u2028\U0001f600"], "": {"b": 10**30, "deep": [[[[{}]]]]}}
    assert decode(json.dumps(said).encode()) == said


def test_a_number_that_would_round_to_an_allowed_one_is_not_saved(
    stage: Callable[[Service], Stage],
) -> None:
    play = Round(stage(service))
    people(play.stage)
    play.open()
    before = play.stage.state()
    sent = json.dumps(answer(0)).replace("0", CLOSE, 1)
    saved = play.as_("clerk-a").put(
        f"{ROOT}/self-assessments/{A}/answers/1",
        data=sent,
        content_type="application/json",
        headers={"If-Match": '"0"'},
    )
    assert problem(saved) == (422, "value-not-allowed")
    assert play.stage.state() == before
