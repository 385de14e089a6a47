"""What one worker of review looks after from time to time."""

from prometheus_client import Counter

from services.review import commands, queries
from shared.storage.mongo import Store
from shared.worker import Sweep

EXPIRED = Counter("nilai_leases_expired_total", "Tasks opened again because nobody renewed their lease.")


def release_expired(store: Store) -> None:
    """Open every task whose lease is over."""
    for task in store.query(queries.expired):
        EXPIRED.inc(store.run(commands.expire, task.id))


SWEEPS = {"leases": Sweep(15, release_expired)}
