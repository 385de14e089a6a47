"""Notify, put together."""

from services.notify.api import blueprints
from services.notify.handlers import HANDLERS
from services.notify.jobs import jobs
from services.notify.store import INDEXES, RIGHTS
from services.notify.sweeps import sweeps
from shared.service import Service

service = Service(
    name="notify",
    blueprints=blueprints,
    handlers=HANDLERS,
    indexes=INDEXES,
    rights=RIGHTS,
    jobs=jobs,
    sweeps=sweeps,
)
create_app = service.app
