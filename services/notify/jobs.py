"""The job that brings one event to one receiver, again and again until it is acknowledged or given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.notify import commands, queries
from services.notify.domain import JOB, AttemptSeries, WebhookResponse
from services.notify.webhooks import WebhookSender
from shared.core import telemetry
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.jobs.queue import Defer, Job, Retry, Skip
from shared.signing.keys import KeyRing
from shared.storage.mongo import Store
from shared.storage.transaction import Origin, Transaction

MINUTE, HOUR = 60, 3600
SCHEDULE = (5, 30, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR)
"""Seconds before each further attempt."""
AT_ONCE = 2
LEASE_SECONDS = 90.0
SOON_SECONDS = 1.0

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
        if rest := outgoing.health.seconds_to_rest(utcnow()):
            raise Defer("the receiver asked for a rest", rest)
        response = self.sender.send(outgoing)
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


def jobs(settings: Settings) -> Mapping[str, Job]:
    """The jobs of notify: deliveries, two at once for each subscription."""
    ring = KeyRing.load(settings.keys, settings.service)
    return jobs_of(WebhookSender(ring, settings.allow_private_targets))


def jobs_of(sender: WebhookSender) -> Mapping[str, Job]:
    """The jobs as this sender does them."""
    job = DeliveryJob(sender)
    return {
        JOB: Job(
            job.work,
            SCHEDULE,
            LEASE_SECONDS,
            AT_ONCE,
            on_dead=job.on_dead,
            on_retry=job.on_retry,
            on_drop=job.on_drop,
        )
    }


def _log(delivery: str, response: WebhookResponse) -> None:
    extra = {"delivery": delivery, "status": response.status, "ms": response.milliseconds}
    log.info("webhook", extra={**extra, "problem": response.error})


def _run(store: Store, row: Row, command: Any, *arguments: Any) -> Any:
    origin = Origin(correlation=row["correlation"], trace=row["trace"])
    return store.run(command, *arguments, origin=origin)
