"""Webhooks by Standard Webhooks: bodies, signatures, addresses that may be reached, and the request itself."""

from services.notify.webhooks.bodies import event_data, freeze, freeze_test
from services.notify.webhooks.sender import WebhookSender
from services.notify.webhooks.sending import USUAL, Limits
from services.notify.webhooks.signing import PURPOSE, public_key, secret
from services.notify.webhooks.targets import rules_of

__all__ = [
    "PURPOSE",
    "USUAL",
    "Limits",
    "WebhookSender",
    "event_data",
    "freeze",
    "freeze_test",
    "public_key",
    "rules_of",
    "secret",
]
