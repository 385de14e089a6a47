"""Scoring, put together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.scoring import api, pages
from services.scoring.cli import recompute
from services.scoring.handlers import handlers
from services.scoring.store import INDEXES, RIGHTS
from shared.core.settings import Settings
from shared.service import Service
from shared.storage.mongo import Store

if TYPE_CHECKING:
    import flask


def blueprints(settings: Settings, store: Store) -> "Sequence[flask.Blueprint]":
    """The API and the pages."""
    return [*api.blueprints(settings, store), *pages.blueprints(settings)]


service = Service(
    name="scoring",
    blueprints=blueprints,
    handlers=handlers,
    indexes=INDEXES,
    rights=RIGHTS,
    commands=(recompute,),
    open_actions=("result", "score"),
)
create_app = service.app
