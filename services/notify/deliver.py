"""The job that brings one event to one receiver, again and again until it is acknowledged or given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.notify import commands, queries, webhooks
from services.notify.domain import JOB, Answer, Outgoing, Round
from services.notify.webhooks import Limits
from shared.core import telemetry
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.jobs.queue import Defer, Job, Retry, Skip
from shared.signing.keys import KeyRing
from shared.storage.mongo import Store

MINUTE, HOUR = 60, 3600
SCHEDULE = (5, 30, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR)
AT_ONCE = 2
LEASE_SECONDS = 90.0
SOON_SECONDS = 1.0

Row = dict[str, Any]

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class WebhookSender:
    """Makes deliveries with notify's keys; `private` allows addresses of this machine, for trying out."""

    ring: KeyRing
    private: bool
    limits: Limits = webhooks.USUAL

    def deliver(self, store: Store, row: Row) -> None:
        """Make one attempt; Retry when it failed, Defer when it is to be made soon, Skip when nothing is left."""
        id, run = row["payload"]["delivery"], row["payload"]["run"]
        out = store.query(queries.outgoing, id, run)
        if out is None:
            raise Skip
        if not out.goes:
            if not _command(store, row, commands.suspend, id, run):
                raise Defer("the subscription takes deliveries again", SOON_SECONDS)
            raise Skip
        self._rest(out)
        answer = self._send(out)
        extra = {"delivery": id, "status": answer.status, "problem": answer.error, "ms": answer.milliseconds}
        log.info("webhook", extra=extra)
        left = _command(store, row, commands.record, id, run, answer, out.subscription.url)
        if left is Round.MOVED:
            raise Defer("the subscription has another address now", SOON_SECONDS)
        if left is Round.AGAIN:
            raise Retry(answer.error or "", answer.rest.total_seconds())

    def on_dead(self, store: Store, row: Row) -> None:
        """Write down that a delivery is given up until somebody retries it by hand."""
        payload = row["payload"]
        _command(store, row, commands.park, payload["delivery"], payload["run"], row["error"])

    def _rest(self, out: Outgoing) -> None:
        wait = (out.health.rests_until - utcnow()).total_seconds() if out.health.rests_until else 0
        if wait > 0:
            raise Defer("the receiver asked for a rest", wait)

    def _send(self, out: Outgoing) -> Answer:
        assert out.subscription.url is not None
        headers = webhooks.headers(self.ring, out.subscription.secrets, out.delivery.id, out.body, utcnow())
        return webhooks.post(out.subscription.url, out.body, headers, self.private, self.limits)


def jobs(settings: Settings) -> Mapping[str, Job]:
    """The jobs of notify: deliveries, two at once for each subscription."""
    return of_sender(
        WebhookSender(KeyRing.load(settings.keys, settings.service), settings.allow_private_targets)
    )


def of_sender(sender: WebhookSender) -> Mapping[str, Job]:
    """The jobs as this sender does them."""
    return {JOB: Job(sender.deliver, SCHEDULE, LEASE_SECONDS, AT_ONCE, on_dead=sender.on_dead)}


def _command(store: Store, row: Row, command: Any, *arguments: Any) -> Any:
    return store.run(command, *arguments, correlation=row["correlation"], trace=row["trace"])
