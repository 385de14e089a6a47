"""Numbers and moments from outside: one way of writing each, and no other."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from shared.core.reading import moment, whole
from tests.shared.webapp import URL

NO_NUMBERS = ["", " 3", "3 ", "+3", "-3", "1_0", "3.0", "3e0", "0x3", "\u0663", "\uff13", "\u00b2", "9" * 19]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("3", 3), ("050", 50), ("9" * 18, 10**18 - 1)])
def test_ascii_digits_are_a_number(text: str, number: int) -> None:
    assert whole(text) == number


@pytest.mark.parametrize("text", NO_NUMBERS, ids=ascii)
def test_anything_else_is_no_number(client: FlaskClient, text: str) -> None:
    assert whole(text) is None
    answer = client.get(URL, query_string={"limit": text})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert "Must be a whole number, like 50" in answer.json["detail"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-31T23:59:59Z", datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-01-31t23:59:59.5z", datetime(2026, 1, 31, 23, 59, 59, 500000, tzinfo=UTC)),
        ("2026-01-31T23:59:59.123456789+07:00", datetime(2026, 1, 31, 16, 59, 59, 123456, tzinfo=UTC)),
        ("2026-01-31T23:59:59-00:00", datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_rfc_3339_writes_it(text: str, at: datetime) -> None:
    found = moment(text)
    assert found is not None
    assert found - at == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-W01-1T00:00:00Z",
        "2026-W01-1T00:00Z",
        "20260101T000000Z",
        "2026-01-01T00:00Z",
        "2026-01-01T00Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00+0700",
        "2026-01-01T00:00:00+07",
        "2026-01-01T00:00:00+07:00:30",
        "2026-01-01T00:00:00+24:00",
        "2026-02-30T00:00:00Z",
        "2026-01-01T00:00:00",
        "\u0662026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        "0000-01-01T00:00:00Z",
    ],
    ids=ascii,
)
def test_any_other_way_of_writing_is_no_moment(text: str) -> None:
    assert moment(text) is None
