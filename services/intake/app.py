"""Intake, put together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.intake import api, pages, store
from services.intake.api.plain_form import take_form
from services.intake.cli import grant, load_edition
from services.intake.handlers import HANDLERS
from services.intake.jobs import jobs
from services.intake.sweeps import SWEEPS
from shared.core.settings import Settings
from shared.service import Service
from shared.storage.mongo import Store

if TYPE_CHECKING:
    import flask


OPEN_ACTIONS = (
    *(
        "invitation",
        "import",
        "external_index",
        "key",
        "participation",
        "person",
        "profile",
        "session",
        "stage",
        "result",
    ),
    *("submission", "evidence", "explanations", "blob", "chunks", "claim"),
)
"""Not what an agency does before it seals: its answers, ticks, comments and files are its own."""


def blueprints(settings: Settings, store: Store) -> "Sequence[flask.Blueprint]":
    """The API and the pages."""
    return [*api.blueprints(settings, store), *pages.blueprints(settings, take_form)]


service = Service(
    name="intake",
    blueprints=blueprints,
    handlers=HANDLERS,
    indexes=store.INDEXES,
    rights=store.RIGHTS,
    prepare=store.split_submissions,
    jobs=jobs,
    job_threads=2,
    sweeps=SWEEPS,
    commands=(grant, load_edition),
    open_actions=OPEN_ACTIONS,
)
create_app = service.app
