"""Where secrets are handed out, once each: new subscriptions and rotations; and the public keys."""

from datetime import timedelta
from typing import Any

from services.notify import commands, webhooks
from services.notify.domain import Subscription
from services.notify.schemas import KeysSchema, RotationBody, SecretSchema, SubscriptionBody
from shared.auth import PUBLIC, audience
from shared.keys import KeyRing
from shared.web import Blueprint, arrived, etag, run

Handed = tuple[dict[str, Any], dict[str, str]]


def door(ring: KeyRing, private: bool) -> Blueprint:
    """The routes that answer with a secret."""
    blp = Blueprint("secrets", __name__, url_prefix="/subscriptions", description="Making subscriptions.")

    @blp.route("", methods=["POST"])
    @audience("ministry", "machine")
    @blp.arguments(SubscriptionBody)
    @blp.response(201, SecretSchema)
    def subscribe(sent: dict[str, Any]) -> Handed:
        """Subscribe: the ministry for any scope, a machine client for its own.

        The secret is shown in this answer only.
        """
        kid = _signing(ring)
        return _handed(ring, run(commands.subscribe, sent, kid, commands.CATALOGUE, private))

    @blp.route("/<id>/secret/rotate", methods=["POST"])
    @audience("ministry", "machine")
    @blp.arguments(RotationBody)
    @blp.response(200, SecretSchema)
    def rotate(sent: dict[str, Any], id: str) -> Handed:
        """Give a new secret, shown in this answer only; meanwhile webhooks are signed with the one before, too."""
        keep = timedelta(hours=sent["keep_hours"])
        return _handed(ring, run(commands.rotate, id, _signing(ring), keep))

    return blp


def keys(ring: KeyRing) -> Blueprint:
    """The route that shows the public keys."""
    blp = Blueprint("keys", __name__, url_prefix="/webhook-keys", description="Public keys of webhooks.")

    @blp.route("")
    @audience(PUBLIC)
    @blp.response(200, KeysSchema)
    def list_keys() -> dict[str, Any]:
        """The public keys that check `v1a` signatures."""
        return {"items": _keys(ring)}

    return blp


def _signing(ring: KeyRing) -> str:
    return ring.signing(webhooks.PURPOSE, arrived()).kid


def _handed(ring: KeyRing, one: Subscription) -> Handed:
    secret = webhooks.secret(ring, one.secrets[0])
    shown = {**vars(one), "secret": secret, "public_keys": _keys(ring)}
    return shown, {"ETag": etag(one.rev)}


def _keys(ring: KeyRing) -> list[dict[str, Any]]:
    return [
        {"kid": one.kid, "key": webhooks.public_key(one), "start": one.start, "until": one.until}
        for one in ring.publics.values()
        if (one.service, one.purpose) == (ring.service, webhooks.PURPOSE)
    ]
