"""The reader's time zone: what their profile or their agency says, as signing in put it into a cookie; else WIB."""

from collections.abc import Mapping
from datetime import timedelta, timezone

import flask

WIB = timezone(timedelta(hours=7), "WIB")
WITA = timezone(timedelta(hours=8), "WITA")
WIT = timezone(timedelta(hours=9), "WIT")
ZONES: Mapping[str, timezone] = {
    "Asia/Jakarta": WIB,
    "Asia/Pontianak": WIB,
    "Asia/Makassar": WITA,
    "Asia/Jayapura": WIT,
}
"""Indonesia's zones by their names at IANA; they know no summer time."""
USUAL = "Asia/Jakarta"
COOKIE = "zone"


def chosen_zone() -> str:
    """The name of the zone of whoever reads; outside of a request the usual one."""
    said = flask.request.cookies.get(COOKIE) if flask.has_request_context() else None
    return said if said and said in ZONES else USUAL


def reader_zone() -> timezone:
    """The zone of whoever reads."""
    return ZONES[chosen_zone()]
