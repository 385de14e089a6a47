"""The API of scoring, as groups of routes."""

from collections.abc import Sequence

import flask

from services.scoring.api import results, scores
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.storage.mongo import Store


def blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """Every group; decisions need the key that signs publications."""
    return [scores.blp, results.blp, results.decisions(KeyRing.load(settings.keys, settings.service))]
