"""Webhooks by Standard Webhooks: signatures, addresses that may be reached, and the request itself."""

from services.notify.webhooks.sending import USUAL, Limits, post
from services.notify.webhooks.signing import PURPOSE, headers, public_key, secret
from services.notify.webhooks.targets import check_url

__all__ = ["PURPOSE", "USUAL", "Limits", "check_url", "headers", "post", "public_key", "secret"]
