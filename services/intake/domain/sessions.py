"""Sessions of people at their browsers: how long they last, and what ends them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LASTS = timedelta(hours=8)
QUIET = timedelta(minutes=60)
"""How long nobody need do anything."""


@dataclass(frozen=True)
class SessionRecord:
    """A session that somebody began by signing in; `deed` is when something was done last, `ended` when it was over."""

    id: str
    issuer: str
    subject: str
    name: str
    began: datetime
    end: datetime
    ended: datetime | None = None
    deed: datetime | None = None
    rev: int = 0


def goes_on(record: SessionRecord | None, deed: datetime, now: datetime) -> bool:
    """Whether a session in which something was done at `deed` last may be renewed."""
    return record is not None and record.ended is None and now < record.end and now < deed + QUIET


def over_by_time(record: SessionRecord, now: datetime) -> tuple[str, datetime] | None:
    """Why and since when a session is over of which nobody signed out; None for one that goes on, or was ended."""
    if record.ended is not None:
        return None
    quiet = [("quiet", record.deed + QUIET)] if record.deed else []
    why, at = min([*quiet, ("time", record.end)], key=lambda one: one[1])
    return (why, at) if at <= now else None
