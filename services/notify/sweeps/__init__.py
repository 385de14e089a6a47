"""What one worker of notify does by the clock."""

from collections.abc import Mapping

from services.notify.sweeps.jobs import purge_jobs
from shared.core.settings import Settings
from shared.worker import Sweep


def sweeps(settings: Settings) -> Mapping[str, Sweep]:
    """Hourly: the jobs of deliveries made long ago."""
    return {"jobs": Sweep(3600, purge_jobs(settings.journal_days))}
