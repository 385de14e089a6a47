"""Receivers: what their responses mean, and how they do of late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

GONE = 410
RESTING = frozenset({429, 503})
MAX_REST = timedelta(days=1)
PATIENCE = timedelta(days=5)


@dataclass(frozen=True)
class WebhookResponse:
    """What came of one request: `status` is None without a response, `error` None when it was acknowledged.

    `excerpt` is how the body began, `milliseconds` the time that it took, `rest` how long to leave the receiver alone.
    """

    status: int | None
    error: str | None
    excerpt: str = ""
    milliseconds: int = 0
    rest: timedelta = timedelta()


@dataclass(frozen=True)
class Health:
    """How a receiver has answered of late."""

    failing_since: datetime | None = None
    rests_until: datetime | None = None

    def after(self, response: WebhookResponse, now: datetime) -> "Health":
        """The health after one more response."""
        failing = None if response.error is None else self.failing_since or now
        return Health(failing, now + response.rest if response.rest else self.rests_until)

    def seconds_to_rest(self, now: datetime) -> float:
        """How many seconds it is still to be left alone; 0 for none."""
        return max((self.rests_until - now).total_seconds(), 0.0) if self.rests_until else 0.0


def reason_to_stop(response: WebhookResponse, health: Health, now: datetime) -> str | None:
    """Why a receiver is to be left alone: it said so, or nothing but failures came for five days."""
    if response.status == GONE:
        return f"the receiver answered {GONE} Gone"
    if health.failing_since and now - health.failing_since >= PATIENCE:
        return f"every delivery failed for {PATIENCE.days} days"
    return None


def error_of(status: int) -> str | None:
    """What is wrong with a response of that status; None when it acknowledges."""
    if 200 <= status < 300:
        return None
    redirect = "; redirects are not followed" if 300 <= status < 400 else ""
    return f"answered {status}{redirect}"


def rest_asked_for(status: int, retry_after: str | None, now: datetime) -> timedelta:
    """How long a receiver asks to be left alone by Retry-After (seconds, or a date); nothing when it cannot be read."""
    if status not in RESTING or retry_after is None:
        return timedelta()
    return min(_parse_retry_after(retry_after.strip(), now), MAX_REST)


def _parse_retry_after(text: str, now: datetime) -> timedelta:
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        return max(parsedate_to_datetime(text) - now, timedelta())
    except (ValueError, TypeError, OverflowError):
        return timedelta()
