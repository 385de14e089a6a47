"""Where secrets are handed out, once each: new subscriptions and rotations; and the public keys."""

from datetime import timedelta
from typing import Any

from services.notify import commands, webhooks
from services.notify.domain import Subscription, SubscriptionOrder
from services.notify.schemas import KeySchema, RotationInput, SecretSchema, SubscriptionInput
from shared import web
from shared.auth.guard import PUBLIC, audience
from shared.core.errors import Conflict
from shared.core.settings import Settings
from shared.signing.keys import KeyRing


def blueprint(settings: Settings) -> web.Blueprint:
    """The routes that give secrets and keys, from notify's key."""
    ring = KeyRing.load(settings.keys, settings.service)
    blp = web.Blueprint("secrets", __name__, description="Making subscriptions; secrets and public keys.")

    @blp.route("/subscriptions", methods=["POST"])
    @blp.arguments(SubscriptionInput)
    @blp.response(201, SecretSchema)
    @web.document_errors(Conflict)
    @audience("ministry", "machine")
    def subscribe(order: SubscriptionOrder) -> web.Tagged[dict[str, Any]]:
        """Subscribe: the ministry for any scope, a machine client for its own.

        The secret is shown in this answer only. An address first gets a signed event `subscription.test.v1`, with the
        sequence 0; once it has answered with 2xx, everything from now on is delivered to it.
        """
        made = web.run(commands.subscribe, order, _signing_kid(ring), webhooks.rules_of(settings))
        return _with_secret(ring, made)

    @blp.route("/subscriptions/<id>/secret/rotate", methods=["POST"])
    @blp.arguments(RotationInput)
    @blp.response(200, SecretSchema)
    @web.document_errors(Conflict)
    @audience("ministry", "machine")
    def rotate_secret(keep: timedelta, id: str) -> web.Tagged[dict[str, Any]]:
        """Give a new secret, shown in this answer only; meanwhile webhooks are signed with the one before, too."""
        return _with_secret(ring, web.run(commands.rotate, id, _signing_kid(ring), keep))

    @blp.route("/webhook-keys")
    @blp.response(200, web.page_of(KeySchema))
    @audience(PUBLIC)
    def list_webhook_keys() -> dict[str, Any]:
        """The public keys that check `v1a` signatures, all of them on one page.

        They sign for every subscription: accept only webhooks whose `data.stream` is the id of your own.
        """
        return {"items": _public_keys(ring), "next": None}

    return blp


def _signing_kid(ring: KeyRing) -> str:
    return ring.signing(webhooks.PURPOSE, web.arrived()).kid


def _with_secret(ring: KeyRing, subscription: Subscription) -> web.Tagged[dict[str, Any]]:
    secret = webhooks.secret(ring, subscription.secrets[0])
    shown = {**vars(subscription), "secret": secret, "public_keys": _public_keys(ring)}
    return web.tagged(shown, subscription.rev)


def _public_keys(ring: KeyRing) -> list[dict[str, Any]]:
    return [
        {"kid": key.kid, "key": webhooks.public_key(key), "start": key.start, "until": key.until}
        for key in ring.publics.values()
        if (key.service, key.purpose) == (ring.service, webhooks.PURPOSE)
    ]
