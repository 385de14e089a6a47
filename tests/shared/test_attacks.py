"""Attacks on what all services share that once got through, and what becomes of them now."""

import base64
import json
import time
from typing import Any

import msgspec
import pytest
from marshmallow import ValidationError

from shared.core.errors import BadRequest
from shared.instrument import EditionInvalid, load
from shared.web.fields import UTCDateTime, identifier, line, words
from shared.web.paging import parse_cursor
from tests.instrument.builders import SMALL

PATIENCE = 1.0
"""Seconds of processor: a hundred times what an honest input of the same length needs."""


@pytest.mark.parametrize("field", [line(255), words(), identifier("[a-z]{1,9}", "a short word")])
@pytest.mark.parametrize("end", ["\n", "\0", "", " "])
@pytest.mark.parametrize("start", ["a", " "])
def test_no_text_makes_a_field_think_for_long(field: Any, start: str, end: str) -> None:
    began = time.thread_time()
    with pytest.raises(ValidationError):
        field.deserialize(start * 20_001 + end)
    assert time.thread_time() - began < PATIENCE


@pytest.mark.parametrize("text", ["a\u2028b", "gnp.\u202efdp", "a\x85b", "a\n", "\t", " ", "\u2067x"])
def test_a_line_hides_and_turns_nothing(text: str) -> None:
    with pytest.raises(ValidationError):
        line(255).deserialize(text)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2200-01-01T00:00:00Z"]
)
def test_a_moment_keeps_away_from_the_ends_of_the_calendar(text: str) -> None:
    with pytest.raises(ValidationError, match="1900 to 2199"):
        UTCDateTime().deserialize(text)


@pytest.mark.parametrize("place", [2**63, -(2**63) - 1, 10**300])
def test_a_cursor_beyond_64_bits_is_not_ours(place: int) -> None:
    forged = base64.urlsafe_b64encode(json.dumps([place]).encode()).rstrip(b"=").decode()
    with pytest.raises(BadRequest, match="not one of ours"):
        parse_cursor(forged, int)


@pytest.mark.parametrize("flood", ["nodes: [" + "{}," * 300_000 + "]", "a: 1\n" * 150_000])
def test_a_flood_of_nodes_is_refused_before_it_is_read(flood: str) -> None:
    with pytest.raises(EditionInvalid) as refused:
        load(flood)
    assert len(msgspec.json.encode(refused.value.extra)) < 1000


def test_of_a_flood_of_problems_some_are_told() -> None:
    with pytest.raises(EditionInvalid) as refused:
        load("nodes: [" + "{}," * 2000 + "]")
    assert len(refused.value.problems) > 2000
    assert len(refused.value.extra["errors"]) == 500


@pytest.mark.parametrize("adds_up", [True, False])
def test_weights_whose_index_nobody_could_write_are_refused(adds_up: bool) -> None:
    parts = [10**19 + 2 * place + 1 for place in range(300)]
    weights = [f"{top}/{part}" for part in parts for top in ((1, part - 1) if adds_up else (1,))]
    with pytest.raises(EditionInvalid, match="more than 3900 digits"):
        load(_flat(weights))


def _flat(weights: list[str]) -> str:
    """The small edition's text with nothing but indicators of these weights."""
    top = SMALL[: SMALL.index("tiers:")].replace("100", str(len(weights) // 2))
    rest = SMALL[SMALL.index("  - {key: indicator") : SMALL.index("targets:")]
    name = "name: {id: Satu, en: One}"
    rows = [
        f"  - {{code: i{place}, {name}, weight: {weight}, scale: steps}}"
        for place, weight in enumerate(weights)
    ]
    return "\n".join((top + "tiers:", rest + "nodes:", *rows))
