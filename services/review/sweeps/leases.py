"""Opening the tasks whose lease nobody renewed."""

from prometheus_client import Counter

from services.review import commands, queries
from shared.storage.mongo import Store

EXPIRED = Counter("nilai_leases_expired_total", "Tasks opened again because nobody renewed their lease.")


def release_expired(store: Store) -> None:
    """Open every task whose lease is over."""
    for task in store.query(queries.list_expired_tasks):
        EXPIRED.inc(store.run(commands.expire, task.id))
