"""Deleting the jobs of deliveries made long ago; deliveries and attempts stay."""

from collections.abc import Callable

from shared.jobs.queue import purge
from shared.storage.mongo import Store


def purge_jobs(days: float) -> Callable[[Store], None]:
    """The sweep that deletes the jobs that were done more than so many days ago."""

    def sweep(store: Store) -> None:
        purge(store, days)

    return sweep
