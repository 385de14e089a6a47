"""Where secrets are handed out, once each: new subscriptions and rotations; and the public keys."""

from datetime import timedelta
from typing import Any

from services.notify import commands, webhooks
from services.notify.domain import Subscription
from services.notify.schemas import KeySchema, RotationBody, SecretSchema, SubscriptionBody
from shared import web
from shared.auth.guard import PUBLIC, audience
from shared.core.errors import Conflict
from shared.signing.keys import KeyRing


def door(ring: KeyRing, private: bool) -> web.Blueprint:
    """The routes that give secrets and keys; with `private`, webhooks may go to addresses of this machine."""
    blp = web.Blueprint("secrets", __name__, description="Making subscriptions; secrets and public keys.")

    @blp.route("/subscriptions", methods=["POST"])
    @blp.arguments(SubscriptionBody)
    @blp.response(201, SecretSchema)
    @web.document_errors(Conflict)
    @audience("ministry", "machine")
    def subscribe(sent: dict[str, Any]) -> web.Tagged[dict[str, Any]]:
        """Subscribe: the ministry for any scope, a machine client for its own.

        The secret is shown in this answer only.
        """
        kid = _signing(ring)
        return _handed(ring, web.run(commands.subscribe, sent, kid, commands.CATALOGUE, private))

    @blp.route("/subscriptions/<id>/secret/rotate", methods=["POST"])
    @blp.arguments(RotationBody)
    @blp.response(200, SecretSchema)
    @web.document_errors(Conflict)
    @audience("ministry", "machine")
    def rotate_secret(sent: dict[str, Any], id: str) -> web.Tagged[dict[str, Any]]:
        """Give a new secret, shown in this answer only; meanwhile webhooks are signed with the one before, too."""
        keep = timedelta(hours=sent["keep_hours"])
        return _handed(ring, web.run(commands.rotate, id, _signing(ring), keep))

    @blp.route("/webhook-keys")
    @blp.response(200, web.page_of(KeySchema))
    @audience(PUBLIC)
    def list_webhook_keys() -> dict[str, Any]:
        """The public keys that check `v1a` signatures, all of them on one page.

        They sign for every subscription: accept only webhooks whose `data.stream` is the id of your own.
        """
        return {"items": _keys(ring), "next": None}

    return blp


def _signing(ring: KeyRing) -> str:
    return ring.signing(webhooks.PURPOSE, web.arrived()).kid


def _handed(ring: KeyRing, one: Subscription) -> web.Tagged[dict[str, Any]]:
    secret = webhooks.secret(ring, one.secrets[0])
    return web.tagged({**vars(one), "secret": secret, "public_keys": _keys(ring)}, one.rev)


def _keys(ring: KeyRing) -> list[dict[str, Any]]:
    return [
        {"kid": one.kid, "key": webhooks.public_key(one), "start": one.start, "until": one.until}
        for one in ring.publics.values()
        if (one.service, one.purpose) == (ring.service, webhooks.PURPOSE)
    ]
