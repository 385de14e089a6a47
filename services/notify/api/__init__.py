"""The API of notify, as groups of routes."""

from collections.abc import Sequence

import flask

from services.notify.api import deliveries, secrets, streams, subscriptions
from shared.core.settings import Settings
from shared.storage.mongo import Store


def blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """Every group; secrets need the keys, and where webhooks may go is a setting, so those are made with them."""
    return [
        secrets.blueprint(settings),
        subscriptions.blp,
        subscriptions.changes(settings),
        deliveries.blp,
        streams.blp,
    ]
