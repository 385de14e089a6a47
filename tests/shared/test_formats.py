"""Numbers, dates and deadlines as readers of both languages expect them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import flask
import pytest

from shared.web import formats
from shared.web.zones import COOKIE, WIB, WIT, WITA

AT = datetime(2026, 5, 31, 16, 59, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lang", "call", "text"),
    [
        ("id", lambda: formats.number("2.95", 2), "2,95"),
        ("en", lambda: formats.number("2.95", 2), "2.95"),
        ("id", lambda: formats.number(Decimal("1234567.5")), "1.234.567,5"),
        ("en", lambda: formats.number(3, 2), "3.00"),
        ("id", lambda: formats.number("2.5", 0), "2"),
        ("id", lambda: formats.change("-0.33"), "\N{MINUS SIGN}0,33"),
        ("en", lambda: formats.change("0.2"), "+0.20"),
        ("id", lambda: formats.size(999), "999 B"),
        ("id", lambda: formats.size(21_400_000), "21,4 MB"),
        ("en", lambda: formats.size(2_000_000_000), "2 GB"),
        ("id", lambda: formats.date_long(AT), "31 Mei 2026"),
        ("en", lambda: formats.date_long(AT, WITA), "1 June 2026"),
        ("id", lambda: formats.date_short(AT), "31 Mei"),
        ("id", lambda: formats.clock(AT), "23.59"),
        ("en", lambda: formats.clock(AT, seconds=True), "23:59:11"),
        ("id", lambda: formats.moment(AT), "31 Mei 2026 pukul 23.59 WIB"),
        ("en", lambda: formats.moment(AT, WIT), "1 June 2026 at 01:59 WIT"),
        ("id", lambda: formats.span(timedelta(days=6, hours=4, minutes=9)), "6 hari 4 jam"),
        ("en", lambda: formats.span(timedelta(days=1, minutes=9)), "1 day"),
        ("en", lambda: formats.span(timedelta(hours=1, minutes=1)), "1 hour 1 minute"),
        ("id", lambda: formats.span(timedelta(seconds=59)), "kurang dari satu menit"),
    ],
)
def test_what_is_read(app: flask.Flask, lang: str, call: Callable[[], str], text: str) -> None:
    with app.test_request_context(f"/?lang={lang}"):
        assert call() == text


def test_a_deadline_stands_in_two_zones_with_what_is_left(app: flask.Flask) -> None:
    now = AT - timedelta(days=6, hours=4)
    with app.test_request_context("/?lang=id"):
        found = formats.deadline(AT, now, also=WITA)
        assert found == formats.Deadline(
            "31 Mei 2026 pukul 23.59 WIB", "00.59 WITA, 1 Juni", "tersisa 6 hari 4 jam", is_over=False
        )
        assert formats.deadline(AT, now, also=WIB).also == formats.deadline(AT, now).also == ""
        over = formats.deadline(AT, AT)
        assert (over.left, over.is_over) == ("sudah lewat", True)
        early = formats.deadline(AT - timedelta(hours=3), now, also=WITA)
        assert early.also == "21.59 WITA"


def test_outside_of_a_request_the_default_language_is_written() -> None:
    assert formats.number("2.95", 2) == "2,95"


@pytest.mark.parametrize(
    ("zone", "moment", "due"),
    [
        ("Asia/Jakarta", "31 Mei 2026 pukul 23.59 WIB", "31 Mei 2026 pukul 23.59 WIB"),
        ("Asia/Pontianak", "31 Mei 2026 pukul 23.59 WIB", "31 Mei 2026 pukul 23.59 WIB"),
        ("Asia/Makassar", "1 Juni 2026 pukul 00.59 WITA", "31 Mei 2026 pukul 23.59 WIB (00.59 WITA, 1 Juni)"),
        ("Asia/Jayapura", "1 Juni 2026 pukul 01.59 WIT", "31 Mei 2026 pukul 23.59 WIB (01.59 WIT, 1 Juni)"),
        ("Europe/London", "31 Mei 2026 pukul 23.59 WIB", "31 Mei 2026 pukul 23.59 WIB"),
        ("../../etc", "31 Mei 2026 pukul 23.59 WIB", "31 Mei 2026 pukul 23.59 WIB"),
    ],
)
def test_times_are_the_readers_and_deadlines_the_ministrys_too(
    app: flask.Flask, zone: str, moment: str, due: str
) -> None:
    with app.test_request_context("/?lang=id", headers={"Cookie": f"{COOKIE}={zone}"}):
        assert (formats.moment(AT), formats.due(AT)) == (moment, due)
        also = formats.deadline(AT, AT).also
        assert due == formats.deadline(AT, AT).text + (f" ({also})" if also else "")
