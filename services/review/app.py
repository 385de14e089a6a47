"""Review, put together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.review import api, pages
from services.review.handlers import HANDLERS
from services.review.store import INDEXES, RIGHTS
from services.review.sweeps import SWEEPS
from shared.core.settings import Settings
from shared.service import Service
from shared.storage.mongo import Store

if TYPE_CHECKING:
    import flask


def blueprints(settings: Settings, store: Store) -> "Sequence[flask.Blueprint]":
    """The API and the pages."""
    return [*api.blueprints(settings, store), *pages.blueprints(settings)]


service = Service(
    name="review",
    blueprints=blueprints,
    handlers=HANDLERS,
    indexes=INDEXES,
    rights=RIGHTS,
    sweeps=SWEEPS,
    open_actions=(
        "case",
        "clarifications",
        "lease",
        "link",
        "participation",
        "rating",
        "review",
        "stage",
        "task",
    ),
)
create_app = service.app
