"""Moments as people write them: with the zone, or else meant in WIB, in which the ministry sets its times."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from marshmallow import ValidationError

from shared.core import reading
from shared.core.canonical import timestamp
from shared.web.fields import UTCDateTime
from shared.web.zones import WIB, WIT, WITA

BEGIN, END = time(0, 0, 0), time(23, 59, 59)
"""What a day without a time of day means, as the begin or as the end of something."""
_MONTHS = {
    name: number
    for names in (
        "januari februari maret april mei juni juli agustus september oktober november desember",
        "january february march april may june july august september october november december",
        "jan feb mar apr mei jun jul agu sep okt nov des",
        "jan feb mar apr may jun jul aug sep oct nov dec",
    )
    for number, name in enumerate(names.split(), start=1)
}
_ZONES = {zone.tzname(None): zone for zone in (WIB, WITA, WIT)}
_TIME = r"(?:(?:T| |,? (?:pukul|at) )(?P<hour>\d\d?)[.:](?P<minute>\d\d)(?:[.:](?P<second>\d\d))?)?"
_ZONE = r"(?: (?P<zone>WIB|WITA|WIT))?"
_DIGITS = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){_TIME}{_ZONE}", re.ASCII | re.I)
_WORDS = re.compile(
    rf"(?P<day>\d\d?) (?P<month>[a-z]{{3,9}})\.? (?P<year>\d{{4}}){_TIME}{_ZONE}", re.ASCII | re.I
)


def read(text: str, day: time = BEGIN) -> datetime | None:
    """The moment that a text says, a day alone at that time of day; None for what is none, or could be two.

    `2026-01-31T23:59:00Z`, `2026-01-31`, `2026-01-31 23:59`, `31 Januari 2026 pukul 23.59 WITA`.
    """
    said = " ".join(text.split())
    if exact := reading.moment(said):
        return exact
    found = _DIGITS.fullmatch(said) or _WORDS.fullmatch(said)
    return _moment(found.groupdict(), day) if found else None


def _moment(said: Mapping[str, str | None], day: time) -> datetime | None:
    month = str(said["month"]).lower()
    number = int(month) if month.isdigit() else _MONTHS.get(month, 0)
    hour = said["hour"]
    clock = (int(hour), int(said["minute"] or 0), int(said["second"] or 0)) if hour else None
    zone = _ZONES[(said["zone"] or "WIB").upper()]
    try:
        on = date(int(said["year"] or 0), number, int(said["day"] or 0))
        return datetime.combine(on, time(*clock) if clock else day, zone)
    except ValueError:
        return None


class WrittenMoment(UTCDateTime):
    """A moment as people write it, a day alone at that time of day in WIB."""

    default_error_messages = {
        "invalid": "Must be a moment, like 2026-01-31T23:59:59Z, or a day, like 2026-01-31, which is meant in WIB."
    }

    def __init__(self, day: time = BEGIN, **options: Any) -> None:
        super().__init__(**options)
        self._day = day

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        at = read(value, self._day) if isinstance(value, str) else None
        if at is None:
            raise self.make_error("invalid")
        try:
            text = timestamp(at)
        except (OverflowError, ValueError) as why:
            raise ValidationError(self.error_messages["invalid"]) from why
        return super()._deserialize(text, attr, data, **more)
