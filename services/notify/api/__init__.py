"""The API of notify, as groups of routes."""

from collections.abc import Sequence

import flask

from services.notify.api import deliveries, secrets, streams, subscriptions
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.storage.mongo import Store


def blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """Every group; who is given a secret gets it from notify's key."""
    ring = KeyRing.load(settings.keys, settings.service)
    private = settings.allow_private_targets
    return [
        secrets.door(ring, private),
        subscriptions.blp,
        subscriptions.change(private),
        deliveries.blp,
        streams.blp,
    ]
