"""What makes the requests: notify's keys, and how long a receiver may take."""

from dataclasses import dataclass

from services.notify.domain import Outgoing, Subscription, TargetRules, WebhookResponse
from services.notify.webhooks import sending, signing
from services.notify.webhooks.bodies import freeze_test
from services.notify.webhooks.sending import USUAL, Limits
from shared.core.ids import utcnow
from shared.signing.keys import KeyRing


@dataclass(frozen=True)
class WebhookSender:
    """Sends webhooks, signed with notify's keys, where the rules let them go."""

    ring: KeyRing
    rules: TargetRules
    limits: Limits = USUAL

    def send(self, outgoing: Outgoing, trace: str) -> WebhookResponse:
        """Make the request of one attempt, signed anew, within a trace; for a subscription that has an address."""
        return self._post(outgoing.subscription, outgoing.delivery.id, outgoing.body, trace)

    def test(self, subscription: Subscription, trace: str) -> WebhookResponse:
        """Send the test event that a subscription waits for, which stands before the first event of its stream."""
        event = str(subscription.test)
        return self._post(subscription, event, freeze_test(subscription.id, event, utcnow()), trace)

    def _post(self, subscription: Subscription, id: str, body: bytes, trace: str) -> WebhookResponse:
        assert subscription.url is not None
        headers = signing.headers(self.ring, subscription.secrets, id, body, utcnow())
        return sending.post(
            subscription.url, body, {**headers, "traceparent": trace}, self.rules, self.limits
        )
