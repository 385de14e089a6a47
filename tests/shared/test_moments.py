"""Moments as people write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from shared.web import moments
from shared.web.moments import BEGIN, END, WrittenMoment
from shared.web.zones import WIB, WITA

LAST = datetime(2026, 1, 31, 23, 59, tzinfo=WIB)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T23:59",
        "2026-01-31 23:59",
        "2026-01-31 23.59",
        "2026-01-31  23:59:00 ",
        "2026-01-31 23:59 WIB",
        "2026-01-31T16:59:00Z",
        "2026-01-31T23:59:00+07:00",
        "31 Januari 2026 23.59",
        "31 januari 2026 pukul 23.59 WIB",
        "31 January 2026 at 23:59 WIB",
        "31 Jan 2026, pukul 23:59",
        "1 Feb 2026 0.59 WITA",
    ],
)
def test_a_moment_is_read_however_it_is_written(text: str) -> None:
    assert moments.read(text) == LAST


@pytest.mark.parametrize("text", ["2026-01-31", "31 Januari 2026", "31 January 2026"])
def test_a_day_alone_is_its_begin_or_its_end_in_wib(text: str) -> None:
    assert moments.read(text, BEGIN) == datetime(2026, 1, 31, tzinfo=WIB)
    assert moments.read(text, END) == LAST + timedelta(seconds=59)


@pytest.mark.parametrize(
    "text",
    ["", "kemarin", "01/02/2026", "31-01-2026", "2026-13-01", "2026-02-30", "30 Februari 2026", "1 Xyz 2026",
     "2026-01-31 24:00", "2026-01-31 10:60", "2026-1-1", "0000-01-01", "2026-01-31 10:00 PST", "٣١ Januari 2026"],
)  # fmt: skip
def test_what_is_no_moment_or_could_be_two_is_none(text: str) -> None:
    assert moments.read(text) is None


class Form(Schema):
    at = WrittenMoment(END)


def test_a_field_gives_the_moment_or_says_how_to_write_one() -> None:
    at = Form().load({"at": "2026-01-31 23:59 WITA"})["at"]
    assert at == datetime(2026, 1, 31, 23, 59, tzinfo=WITA)
    for wrong in ("kemarin", 5, "0001-01-01", "9999-12-31T23:59:59-05:00", "1850-01-01"):
        with pytest.raises(ValidationError) as refused:
            Form().load({"at": wrong})
        assert refused.value.messages_dict["at"][0].startswith("Must ")


@given(st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2150-01-01")))
def test_what_is_written_in_full_is_read_back(naive: datetime) -> None:
    at = naive.replace(microsecond=0, tzinfo=UTC).astimezone(WIB)
    assert moments.read(f"{at:%Y-%m-%d %H:%M:%S}") == at
