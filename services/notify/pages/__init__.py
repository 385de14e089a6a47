"""The pages of notify, as groups of routes."""

from collections.abc import Sequence

import flask

from services.notify.pages import deliveries, subscriptions
from shared.core.settings import Settings


def blueprints(settings: Settings) -> Sequence[flask.Blueprint]:
    """Every group; subscriptions need the keys, and where webhooks may go is a setting."""
    return [subscriptions.blueprint(settings), deliveries.pages]
