"""The API of review, as groups of routes."""

from collections.abc import Sequence

import flask

from services.review.api import assessors, cases, evidence, imports, leases, tasks
from shared.core.settings import Settings
from shared.storage.mongo import Store


def blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """Every group; those that need a key or the length of a lease are made with the settings."""
    return [
        assessors.blp,
        imports.blp,
        cases.blp,
        tasks.blp,
        leases.blueprint(settings),
        evidence.blueprint(settings),
    ]
