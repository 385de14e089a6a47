"""What makes the requests: notify's keys, and how long a receiver may take."""

from dataclasses import dataclass

from services.notify.domain import Outgoing, WebhookResponse
from services.notify.webhooks import sending, signing
from services.notify.webhooks.sending import USUAL, Limits
from shared.core.ids import utcnow
from shared.signing.keys import KeyRing


@dataclass(frozen=True)
class WebhookSender:
    """Sends webhooks, signed with notify's keys; `allow_private` lets them go to addresses of this machine."""

    ring: KeyRing
    allow_private: bool
    limits: Limits = USUAL

    def send(self, outgoing: Outgoing) -> WebhookResponse:
        """Make the request of one attempt, signed anew; for a subscription that has an address."""
        url, secrets = outgoing.subscription.url, outgoing.subscription.secrets
        assert url is not None
        headers = signing.headers(self.ring, secrets, outgoing.delivery.id, outgoing.body, utcnow())
        return sending.post(url, outgoing.body, headers, self.allow_private, self.limits)
