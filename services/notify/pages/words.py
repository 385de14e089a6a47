"""What was written down of attempts and stops, in words for whoever reads it."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from services.notify import domain

CAUSES: Mapping[str, LazyString] = {
    "switched-off": lazy_gettext("The subscription is switched off, or closed."),
    "stopped": lazy_gettext("The subscription was switched off meanwhile."),
    "no-address": lazy_gettext("The subscription has no address any more."),
    "closed": lazy_gettext("Somebody closed it."),
    "switched-off-by-hand": lazy_gettext("Somebody switched it off."),
    "not-entitled": lazy_gettext("Its owner may no longer see what it asks for."),
    "failed-for-days": lazy_gettext("Every delivery failed for five days."),
    "untested": lazy_gettext("Its address has not answered the test event yet."),
    "test-failed": lazy_gettext("Its address did not answer the test event."),
    "rests": lazy_gettext("The receiver asked to be left alone for a while."),
    "redirect": lazy_gettext("Redirects are not followed: give the address where they end."),
    "unknown-name": lazy_gettext("The name in the address is not known (DNS)."),
    "too-slow": lazy_gettext("The receiver did not answer in time."),
    "insecure": lazy_gettext("No secure connection: the receiver's certificate does not hold."),
    "unreachable": lazy_gettext("The receiver cannot be reached."),
    "not-http": lazy_gettext("What the receiver answered is not HTTP."),
    "broken-off-answer": lazy_gettext("The receiver broke its answer off."),
    "no-final-answer": lazy_gettext("The receiver gave no final answer."),
    "forbidden-address": lazy_gettext("The name leads to an address that may not be reached."),
    "forbidden-port": lazy_gettext("Webhooks may not go to the port of this address."),
    "our-fault": lazy_gettext("The attempt was broken off by a fault of ours."),
    "answered-gone": lazy_gettext("The receiver answered %(status)s: it wants nothing any more."),
    "answered-no-entry": lazy_gettext("The receiver answered %(status)s: it does not let us in."),
    "answered-nobody": lazy_gettext("The receiver answered %(status)s: nobody listens at this address."),
    "answered-too-many": lazy_gettext("The receiver answered %(status)s: too many at once."),
    "answered-own-fault": lazy_gettext("The receiver answered %(status)s: it has a fault of its own."),
    "answered": lazy_gettext("The receiver answered %(status)s."),
    "other": lazy_gettext("It failed for a reason that is written down in English only."),
}


def said_reason(reason: str | None) -> str:
    """The sentences that a reason means; nothing where there is none."""
    status = domain.status_in(reason or "")
    return " ".join(str(CAUSES[cause]) % {"status": status} for cause in domain.causes_of(reason))
