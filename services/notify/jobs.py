"""The jobs of webhooks: to have an address answer a test event, and to bring events there until they are acknowledged.

Each tries again and again until it is given up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from services.notify import commands, queries
from services.notify.domain import JOB, TEST_JOB, AttemptSeries, Subscription, WebhookResponse, port_of
from services.notify.webhooks import WebhookSender, rules_of
from shared.core import telemetry, tracing
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.jobs.queue import Defer, Job, Retry, Skip
from shared.signing.keys import KeyRing
from shared.storage.mongo import Store
from shared.storage.transaction import Origin, Transaction

MINUTE, HOUR = 60, 3600
SCHEDULE = (5, 30, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR)
"""Seconds before each further attempt."""
TEST_SCHEDULE = SCHEDULE[:6]
AT_ONCE = 2
ATTEMPT_SECONDS = 90.0
SOON_SECONDS = 1.0
UNTESTED_SECONDS = 30.0
"""At the latest; the answer to the test event makes deliveries due at once."""

Row = dict[str, Any]

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class DeliveryJob:
    """Makes deliveries; a row's payload is {delivery, series}."""

    sender: WebhookSender

    def work(self, store: Store, row: Row) -> None:
        """Make one attempt; Retry when it failed, Defer when it is to be made soon, Skip when nothing is left."""
        id, series = row["payload"]["delivery"], row["payload"]["series"]
        outgoing = store.query(queries.get_outgoing, id, series)
        if outgoing is None:
            raise Skip
        if not outgoing.may_go:
            if not _run(store, row, commands.suspend, id, series):
                raise Defer("the subscription takes deliveries again", SOON_SECONDS)
            raise Skip
        if outgoing.subscription.pending:
            raise Defer("the address has not answered the test event yet", UNTESTED_SECONDS)
        if rest := outgoing.health.seconds_to_rest(utcnow()):
            raise Defer("the receiver asked for a rest", rest)
        response = _sent(row, outgoing.subscription, id, partial(self.sender.send, outgoing))
        _log(id, response)
        left = _run(store, row, commands.record, id, series, response, outgoing.subscription.url)
        if left is AttemptSeries.MOVED:
            raise Defer("the subscription has another address now", SOON_SECONDS)
        if left is AttemptSeries.GOES_ON:
            raise Retry(response.error or "", response.rest.total_seconds())

    def on_dead(self, store: Store, row: Row) -> None:
        """Write down that a delivery is given up until somebody retries it by hand."""
        payload = row["payload"]
        _run(store, row, commands.park, payload["delivery"], payload["series"], row["error"])

    def on_retry(self, tx: Transaction, row: Row) -> None:
        """Let the delivery of a job that an operator retries wait again."""
        commands.revive(tx, row["payload"]["delivery"], row["payload"]["series"])

    def on_drop(self, tx: Transaction, row: Row, reason: str) -> None:
        """Park the delivery of a job that an operator drops, so that its subscriber sees it."""
        commands.park(tx, row["payload"]["delivery"], row["payload"]["series"], reason)


@dataclass(frozen=True)
class TestJob:
    """Has addresses answer test events; a row's payload is {subscription, test}."""

    sender: WebhookSender

    def work(self, store: Store, row: Row) -> None:
        """Send the test event; Retry when the answer does not acknowledge it, Skip when nobody waits for that now."""
        subscription = store.query(queries.get_tested, *_test_of(row))
        if subscription is None:
            raise Skip
        test = str(subscription.test)
        response = _sent(row, subscription, test, partial(self.sender.test, subscription))
        _log(test, response, "webhook test")
        if _run(store, row, commands.record_test, *_test_of(row), response):
            raise Retry(response.error or "", response.rest.total_seconds())

    def on_dead(self, store: Store, row: Row) -> None:
        """Switch the subscription off until somebody mends its address."""
        _run(store, row, commands.give_up_test, *_test_of(row), row["error"])

    def on_retry(self, tx: Transaction, row: Row) -> None:
        """Let the subscription wait for the answer again."""
        commands.revive_test(tx, *_test_of(row))

    def on_drop(self, tx: Transaction, row: Row, reason: str) -> None:
        """Switch the subscription off for the operator's reason."""
        commands.give_up_test(tx, *_test_of(row), reason)


def _test_of(row: Row) -> tuple[str, str]:
    return row["payload"]["subscription"], row["payload"]["test"]


def jobs(settings: Settings) -> Mapping[str, Job]:
    """The jobs of notify: test events, and deliveries, two at once for each subscription."""
    ring = KeyRing.load(settings.keys, settings.service)
    return jobs_of(WebhookSender(ring, rules_of(settings)))


def jobs_of(sender: WebhookSender) -> Mapping[str, Job]:
    """The jobs as this sender does them."""
    job, test = DeliveryJob(sender), TestJob(sender)
    return {
        TEST_JOB: Job(
            test.work,
            TEST_SCHEDULE,
            ATTEMPT_SECONDS,
            on_dead=test.on_dead,
            on_retry=test.on_retry,
            on_drop=test.on_drop,
        ),
        JOB: Job(
            job.work,
            SCHEDULE,
            ATTEMPT_SECONDS,
            AT_ONCE,
            on_dead=job.on_dead,
            on_retry=job.on_retry,
            on_drop=job.on_drop,
        ),
    }


def _sent(
    row: Row, subscription: Subscription, id: str, send: Callable[[str], WebhookResponse]
) -> WebhookResponse:
    """What comes of a request, which has a span of its own."""
    about = {"http.request.method": "POST", "http.request.resend_count": row["attempts"] - 1}
    with tracing.span("POST", row["trace"], tracing.CLIENT, about) as trace:
        response = send(trace)
        _note(str(subscription.url), id, response)
    return response


def _note(url: str, id: str, response: WebhookResponse) -> None:
    """Where the request went, without what the path of an address may carry, and what came of it."""
    parts = urlsplit(url)
    where = {"url.scheme": parts.scheme, "server.address": parts.hostname or ""}
    status = {} if response.status is None else {"http.response.status_code": response.status}
    error = response.error and str(response.status or "no answer")
    tracing.note({**where, "server.port": port_of(parts), "nilai.delivery": id, **status}, error)


def _log(delivery: str, response: WebhookResponse, message: str = "webhook") -> None:
    extra = {"delivery": delivery, "status": response.status, "ms": response.milliseconds}
    log.info(message, extra={**extra, "problem": response.error})


def _run(store: Store, row: Row, command: Any, *arguments: Any) -> Any:
    origin = Origin(correlation=row["correlation"], trace=row["trace"])
    return store.run(command, *arguments, origin=origin)
