"""What the reasons mean that are written down of attempts and stops: one word for each cause, for who says it."""

import re

from services.notify.domain.receivers import GONE

_ANSWERED = re.compile(r"answered (\d{3})\b")
_MARKS = {
    "the subscription is": "switched-off",
    "was switched off, or had no address": "stopped",
    "it has no address any more": "no-address",
    "closed by hand": "closed",
    "switched off by hand": "switched-off-by-hand",
    "owner may no longer see": "not-entitled",
    "every delivery failed for": "failed-for-days",
    "has not answered the test event yet": "untested",
    "did not answer the test event": "test-failed",
    "asked for a rest": "rests",
    "redirects are not followed": "redirect",
    "the name cannot be resolved": "unknown-name",
    "no complete answer within": "too-slow",
    "no secure connection": "insecure",
    "no connection": "unreachable",
    "this is not HTTP": "not-http",
    "the connection ended before": "broken-off-answer",
    "interim answers came": "no-final-answer",
    "may not be reached from here": "forbidden-address",
    "is not allowed here": "forbidden-port",
    "broken off": "our-fault",
}
"""What a reason holds: first why nothing goes out, then what went wrong."""
OTHER = "other"


def causes_of(reason: str | None) -> list[str]:
    """The causes that a reason names, in this order; none where there is no reason, OTHER for one not known here."""
    if not reason:
        return []
    found = [cause for mark, cause in _MARKS.items() if mark in reason]
    status = status_in(reason)
    if status is not None:
        found.append(kind_of(status))
    return found or [OTHER]


def status_in(reason: str) -> int | None:
    """The status with which a receiver answered, where a reason names one."""
    found = _ANSWERED.search(reason)
    return int(found[1]) if found else None


def kind_of(status: int) -> str:
    """What a status that is no acknowledgement means for whoever is to mend it."""
    if status == GONE:
        return "answered-gone"
    if status in (401, 403):
        return "answered-no-entry"
    if status == 404:
        return "answered-nobody"
    if status == 429:
        return "answered-too-many"
    return "answered-own-fault" if status >= 500 else "answered"
