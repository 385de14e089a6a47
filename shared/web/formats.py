"""Numbers, dates and deadlines in the reader's language and zone; outside a request in the default ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask_babel import get_locale, gettext, ngettext

from shared.web.zones import USUAL, WIB, ZONES, reader_zone

_CLOCK = {"id": ("HH.mm", "HH.mm.ss"), "en": ("HH:mm", "HH:mm:ss")}
_UNITS = ("B", "kB", "MB", "GB", "TB")
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Deadline:
    """A deadline as a page says it: in its zone, in the reader's where that is another, and what is left."""

    text: str
    also: str
    left: str
    is_over: bool


def locale() -> Locale:
    """The reader's language."""
    return get_locale() or Locale("id")


def _decimal(text: str) -> Decimal:
    """An exact number as it is stored: a decimal, or a fraction such as 7/6."""
    above, stroke, below = text.partition("/")
    return Decimal(above) / Decimal(below) if stroke else Decimal(above)


def number(value: Decimal | float | str, digits: int | None = None) -> str:
    """A number with its decimal mark; exactly `digits` after it, or as many as it has."""
    pattern = "#,##0.###" if digits is None else f"#,##0.{'0' * digits}" if digits else "#,##0"
    return _formatted(str(value), pattern, str(locale()))


@lru_cache(maxsize=8192)
def _formatted(text: str, pattern: str, language: str) -> str:
    # A page of an edition says three thousand numbers, most of them again and again.
    return format_decimal(_decimal(text), pattern, locale=language).replace("-", _MINUS)


def written(value: str) -> str:
    """A number as somebody wrote it, with the decimal mark of the reader's language, digit by digit."""
    return value.replace(".", locale().number_symbols["latn"]["decimal"])


def change(value: Decimal | float | str, digits: int = 2) -> str:
    """A difference, always with its sign."""
    text = number(value, digits)
    return text if text.startswith(_MINUS) else f"+{text}"


def size(count: int) -> str:
    """Bytes in the largest unit that leaves a whole one, as in 21,4 MB."""
    value, step = Decimal(count), 0
    while value >= 1000 and step < len(_UNITS) - 1:
        value, step = value / 1000, step + 1
    return f"{number(value.quantize(Decimal('0.1')) if step else value)} {_UNITS[step]}"


def date_long(at: datetime, zone: timezone | None = None) -> str:
    """A day with its year, as in 31 Mei 2026."""
    return format_date(at.astimezone(zone or reader_zone()), "d MMMM y", locale=locale())


def date_short(at: datetime, zone: timezone | None = None) -> str:
    """A day of the present year, as in 31 Mei."""
    return format_date(at.astimezone(zone or reader_zone()), "d MMMM", locale=locale())


def clock(at: datetime, zone: timezone | None = None, seconds: bool = False) -> str:
    """The time of a day, as in 23.59."""
    pattern = _CLOCK.get(locale().language, _CLOCK["en"])[seconds]
    there = zone or reader_zone()
    return format_time(at.astimezone(there), pattern, tzinfo=there, locale=locale())


def moment(at: datetime, zone: timezone | None = None) -> str:
    """A day, a time and the zone, as in 31 Mei 2026 pukul 23.59 WIB."""
    there = zone or reader_zone()
    day, time, name = date_long(at, there), clock(at, there), there.tzname(None)
    return str(gettext("%(date)s at %(time)s %(zone)s", date=day, time=time, zone=name))


def span(left: timedelta) -> str:
    """A length of time in its two largest units, as in 6 hari 4 jam."""
    minutes = max(0, int(left.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        (days, ngettext("%(num)d day", "%(num)d days", days)),
        (hours, ngettext("%(num)d hour", "%(num)d hours", hours)),
        (minutes, ngettext("%(num)d minute", "%(num)d minutes", minutes)),
    ]
    first = next((at for at, (count, _) in enumerate(parts) if count), None)
    if first is None:
        return str(gettext("less than a minute"))
    return " ".join(words for count, words in parts[first : first + 2] if count)


def deadline(
    at: datetime, now: datetime | None = None, zone: timezone = WIB, also: timezone | None = None
) -> Deadline:
    """What a page says of a deadline in the zone in which it was set, and in the reader's where that is another."""
    left = at - (now or datetime.now(UTC))
    is_over = left <= timedelta(0)
    words = gettext("over") if is_over else gettext("%(time)s left", time=span(left))
    return Deadline(moment(at, zone), _also(at, zone, also or reader_zone()), words, is_over)


def due(at: datetime, zone: timezone = WIB) -> str:
    """A deadline in a sentence, as in 31 Mei 2026 pukul 23.59 WIB (00.59 WITA, 1 Juni)."""
    also = _also(at, zone, reader_zone())
    return f"{moment(at, zone)} ({also})" if also else moment(at, zone)


def due_there(at: datetime, zone: str | None) -> str:
    """A deadline in WIB, and in the zone of that name where it is another."""
    also = _also(at, WIB, ZONES[zone or USUAL])
    return f"{moment(at, WIB)} ({also})" if also else moment(at, WIB)


def zone_name(name: str | None) -> str:
    """How a zone is called, as in WITA; the usual one where none is told."""
    return str(ZONES[name or USUAL].tzname(None))


def _also(at: datetime, zone: timezone, also: timezone) -> str:
    """The time in another zone, with its day where that is another one; nothing where the zones say the same."""
    if also == zone:
        return ""
    text = f"{clock(at, also)} {also.tzname(None)}"
    same = at.astimezone(zone).date() == at.astimezone(also).date()
    return text if same else f"{text}, {date_short(at, also)}"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "number": number,
    "change": change,
    "written": written,
    "size": size,
    "date_long": date_long,
    "date_short": date_short,
    "clock": clock,
    "moment": moment,
    "due": due,
    "span": span,
    "zone_name": zone_name,
    "due_there": due_there,
}
