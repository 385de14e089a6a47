"""The API of notify, as groups of routes."""

import flask

from services.notify.api import deliveries, secrets, streams, subscriptions
from shared.keys import KeyRing
from shared.mongo import Store
from shared.settings import Settings


def doors(settings: Settings, store: Store) -> list[flask.Blueprint]:
    """Every group; who is given a secret gets it from notify's key."""
    ring = KeyRing.load(settings.keys, settings.service)
    private = settings.allow_private_targets
    return [
        secrets.door(ring, private),
        secrets.keys(ring),
        subscriptions.blp,
        subscriptions.change(private),
        deliveries.of_subscription,
        deliveries.blp,
        streams.blp,
    ]
