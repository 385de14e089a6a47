"""The pages of intake, as groups of routes."""

from collections.abc import Sequence

import flask

from services.intake.pages import (
    agencies,
    agency,
    comments,
    control,
    cycles,
    editions,
    files,
    guides,
    home,
    imports,
    indices,
    keys,
    participations,
    people,
    profile,
    questions,
    sealing,
    search,
    sign_in,
    versions,
)
from services.intake.pages.files import TakeForm
from shared.core.settings import Settings


def blueprints(settings: Settings, take_form: TakeForm) -> Sequence[flask.Blueprint]:
    """Every group; `take_form` takes the file that a form brings for a participation, or for a question."""
    return [
        home.pages,
        guides.pages,
        sign_in.blueprint(settings),
        people.pages,
        keys.pages,
        cycles.pages,
        control.pages,
        editions.pages,
        agencies.pages,
        participations.pages,
        imports.pages,
        indices.pages,
        agency.blp,
        versions.blp,
        comments.blp,
        files.blp,
        files.sending(take_form),
        questions.blp,
        questions.sending(take_form),
        search.blp,
        profile.blp,
        sealing.blueprint(settings),
    ]
