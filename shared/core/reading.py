"""Numbers and moments in texts from outside, read strictly: one way of writing each."""

import re
from datetime import datetime

_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def whole(text: str) -> int | None:
    """The number that ASCII digits write; None for a sign, a blank, a digit of another script, more than 18 digits."""
    return int(text) if _WHOLE.fullmatch(text) else None


def moment(text: str) -> datetime | None:
    """The moment with its zone that RFC 3339 writes; None for any other form that ISO 8601 has, and for no moment."""
    try:
        return datetime.fromisoformat(text.upper()) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None
