"""Canonical JSON against the RFC's own vectors, and the fast way against the reference way."""

import json
import struct
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared.core.canonical import NotCanonicalError, canonical, exact, parse_timestamp, timestamp

APPENDIX_B = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}

# Section 3.2.3: keys in the order of their UTF-16 units, where the smiley stands before U+FB33.
SORTED_KEYS = {
    "\r": "Carriage Return",
    "1": "One",
    "\x80": "Control",
    "\xf6": "Latin Small Letter O With Diaeresis",
    "€": "Euro Sign",
    "😀": "Emoji: Grinning Face",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
}

SAFE_INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
SCALARS = st.none() | st.booleans() | SAFE_INTEGERS | st.text()
EXACT_VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@pytest.mark.parametrize(("bits", "expected"), APPENDIX_B.items())
def test_every_number_of_appendix_b_is_written_as_the_rfc_says(bits: str, expected: str) -> None:
    number = struct.unpack(">d", bytes.fromhex(bits))[0]
    assert canonical(number) == expected.encode()


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_nan_and_the_infinities_are_refused(bits: str) -> None:
    with pytest.raises(NotCanonicalError):
        canonical(struct.unpack(">d", bytes.fromhex(bits))[0])


def test_the_sample_of_section_3_2_2_gives_the_bytes_of_section_3_2_4() -> None:
    sample = r"""{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"""
    expected = (
        "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b33333333333333"
        "33332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac24"
        "5c75303030665c6e4127425c225c5c5c5c5c222f227d"
    )
    assert canonical(json.loads(sample)).hex() == expected


def test_keys_are_sorted_by_utf_16_units_and_not_by_code_points() -> None:
    shuffled = dict(reversed(SORTED_KEYS.items()))
    assert list(json.loads(canonical(shuffled))) == list(SORTED_KEYS)
    assert list(json.loads(exact(shuffled))) == list(SORTED_KEYS)


@given(EXACT_VALUES)
def test_the_fast_way_gives_the_bytes_of_the_reference_way(value: Any) -> None:
    assert exact(value) == canonical(value) == rfc8785.dumps(value)


@given(EXACT_VALUES)
def test_canonical_bytes_read_back_as_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


def test_every_character_of_unicode_is_written_as_the_reference_writes_it() -> None:
    for start in range(0, 0x110000, 0x800):
        if start != 0xD800:
            text = "".join(map(chr, range(start, start + 0x800)))
            assert canonical(text) == rfc8785.dumps(text)


def test_subclasses_are_written_as_what_they_are() -> None:
    class Colour(StrEnum):
        RED = "red"

    class Wide(int):
        """An int of another class, as the database driver gives."""

    assert exact({"colour": Colour.RED, "wide": Wide(2**40)}) == b'{"colour":"red","wide":1099511627776}'


@pytest.mark.parametrize("value", [1.5, [0.0], {"a": {"b": (1, 2.0)}}, {"é": 1e300}])
def test_exact_refuses_floats_at_any_depth(value: Any) -> None:
    with pytest.raises(NotCanonicalError, match="float"):
        exact(value)


@pytest.mark.parametrize(
    "value",
    [2**53, "\ud800", {"\ud800": 1}, {1: "one"}, {None: 1}, b"bytes", {1, 2}, datetime.now(UTC), object()],
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonicalError):
        canonical(value)
    with pytest.raises(NotCanonicalError):
        exact({"inside": [value]})


def test_a_bottomless_nesting_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(NotCanonicalError, match="deep"):
        exact(deep)


def test_moments_are_written_in_utc_with_milliseconds_cut_not_rounded() -> None:
    wib = timezone(timedelta(hours=7))
    assert timestamp(datetime(2026, 3, 31, 23, 59, 59, 999_999, wib)) == "2026-03-31T16:59:59.999Z"
    assert timestamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(NotCanonicalError, match="zone"):
        timestamp(datetime(2026, 1, 1))  # noqa: DTZ001 (the point of the test)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_reads_back_to_the_millisecond(at: datetime) -> None:
    assert parse_timestamp(timestamp(at)) == at.replace(microsecond=at.microsecond // 1000 * 1000)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_texts_of_moments_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    if timestamp(one) != timestamp(other):
        assert (timestamp(one) < timestamp(other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    ["", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+00:00", "2026-01-01T00:00:00.000000Z",
     "2026-02-30T00:00:00.000Z", "2026-1-1T0:0:0.000Z"],
)  # fmt: skip
def test_any_other_way_to_write_a_moment_is_refused(text: str) -> None:
    with pytest.raises(NotCanonicalError):
        parse_timestamp(text)
