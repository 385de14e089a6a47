"""The API of intake, as groups of routes."""

from collections.abc import Sequence

import flask

from services.intake.api import (
    agencies,
    arrivals,
    clarifications,
    comments,
    cycles,
    editions,
    explanations,
    failures,
    files,
    imports,
    indices,
    invitations,
    linked_pages,
    links,
    overview,
    participations,
    people,
    profiles,
    sealing,
    search,
    self_assessments,
    session,
    submissions,
    together,
    uploads,
)
from shared.core.settings import Settings
from shared.storage.mongo import Store


def blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """Every group; the seal and links need the keys, so those are made with the settings."""
    return [
        editions.blp,
        agencies.blp,
        imports.blp,
        indices.blp,
        people.blp,
        cycles.blp,
        participations.blp,
        self_assessments.blp,
        overview.blp,
        together.blp,
        comments.blp,
        clarifications.blp,
        search.blp,
        profiles.blp,
        submissions.blp,
        sealing.blueprint(settings),
        explanations.blueprint(settings),
        uploads.blp,
        arrivals.blp,
        failures.blp,
        files.blp,
        links.blueprint(settings),
        linked_pages.blueprint(settings),
        session.blueprint(settings),
        invitations.blp,
    ]
