"""The pages of scoring, as groups of routes."""

from collections.abc import Sequence

import flask

from services.scoring.pages import checking, decisions, own, publications, scores
from shared.core.settings import Settings


def blueprints(settings: Settings) -> Sequence[flask.Blueprint]:
    """Every group; what signs or checks is made with the settings."""
    return [
        publications.pages,
        checking.blueprint(settings),
        own.pages,
        scores.pages,
        decisions.blueprint(settings),
    ]
