"""The pages of review, as groups of routes."""

from collections.abc import Sequence

import flask

from services.review.pages import (
    appointing,
    assessors,
    bench,
    cases,
    conflicts,
    evidence,
    imports,
    queue,
    words,
)
from shared.core.settings import Settings


def blueprints(settings: Settings) -> Sequence[flask.Blueprint]:
    """Every group; those that give a lease are made with the settings."""
    ministry = [assessors.pages, appointing.pages, conflicts.pages, imports.pages, cases.pages]
    others = [words.pages, *ministry]
    return [queue.blueprint(settings), bench.blp, evidence.blueprint(settings), *others]
