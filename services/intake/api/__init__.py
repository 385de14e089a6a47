"""The API of intake, as groups of routes."""

from collections.abc import Sequence

import flask

from services.intake.api import (
    agencies,
    cycles,
    editions,
    participations,
    people,
    sealing,
    self_assessments,
    submissions,
    words,
)
from services.intake.evidence import api as evidence
from shared.core.settings import Settings
from shared.storage.mongo import Store


def blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """Every group; sealing and linked words need the keys, so those are made with the settings."""
    return [
        editions.blp,
        agencies.blp,
        people.blp,
        cycles.blp,
        participations.blp,
        self_assessments.blp,
        submissions.blp,
        sealing.door(settings),
        words.door(settings),
        *evidence.blueprints(settings),
    ]
