"""The API of review, as groups of routes."""

from collections.abc import Sequence

import flask

from services.review.api import assessors, cases, evidence, tasks
from shared.core.settings import Settings
from shared.storage.mongo import Store


def blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """Every group; links to files need the service's key, so that group is made with the settings."""
    return [assessors.blp, cases.blp, tasks.blp, evidence.blueprint(settings)]
