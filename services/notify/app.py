"""The notify service, described once."""

from collections.abc import Mapping

from services.notify.api import blueprints
from services.notify.deliver import jobs
from services.notify.handlers import HANDLERS
from services.notify.store import INDEXES
from shared.core.settings import Settings
from shared.jobs.queue import purge
from shared.service import Service
from shared.storage.mongo import Store
from shared.worker import Sweep


def sweeps(settings: Settings) -> Mapping[str, Sweep]:
    """Forget, hourly, the jobs of deliveries made long ago; deliveries and attempts stay."""

    def forget(store: Store) -> None:
        purge(store, settings.journal_days)

    return {"jobs": Sweep(3600, forget)}


service = Service(
    name="notify", blueprints=blueprints, handlers=HANDLERS, indexes=INDEXES, jobs=jobs, sweeps=sweeps
)
create_app = service.app
