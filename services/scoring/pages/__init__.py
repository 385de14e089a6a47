"""The pages of scoring, as groups of routes."""

from collections.abc import Sequence

import flask

from services.scoring.pages import checking, publications
from shared.core.settings import Settings


def blueprints(settings: Settings) -> Sequence[flask.Blueprint]:
    """Every group."""
    return [publications.pages, checking.blueprint(settings)]
