"""The notify service, described once."""

from collections.abc import Mapping

from services.notify.api import doors
from services.notify.deliver import chores
from services.notify.handlers import HANDLERS
from services.notify.store import INDEXES
from shared.chores import purge
from shared.mongo import Store
from shared.service import Service
from shared.settings import Settings
from shared.worker import Sweep


def sweeps(settings: Settings) -> Mapping[str, Sweep]:
    """Forget, hourly, the chores of deliveries made long ago; deliveries and attempts stay."""

    def forget(store: Store) -> None:
        purge(store, settings.journal_days)

    return {"chores": Sweep(3600, forget)}


service = Service(
    name="notify", doors=doors, handlers=HANDLERS, indexes=INDEXES, chores=chores, sweeps=sweeps
)
create_app = service.app
