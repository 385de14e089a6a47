"""Notify, put together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.notify import api, pages
from services.notify.handlers import HANDLERS
from services.notify.jobs import jobs
from services.notify.store import INDEXES, RIGHTS
from services.notify.sweeps import sweeps
from shared.core.settings import Settings
from shared.service import Service
from shared.storage.mongo import Store

if TYPE_CHECKING:
    import flask


def blueprints(settings: Settings, store: Store) -> "Sequence[flask.Blueprint]":
    """The API and the pages."""
    return [*api.blueprints(settings, store), *pages.blueprints(settings)]


service = Service(
    name="notify",
    blueprints=blueprints,
    handlers=HANDLERS,
    indexes=INDEXES,
    rights=RIGHTS,
    jobs=jobs,
    sweeps=sweeps,
    open_actions=("delivery", "event", "subscription"),
)
create_app = service.app
