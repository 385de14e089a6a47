"""Counters that all processes of a service share, for what nobody may do too often: losing one does no harm."""

from math import ceil
from typing import Any

import limits
from limits.storage.mongodb import MongoDBStorageBase
from limits.strategies import FixedWindowRateLimiter
from pymongo import IndexModel, MongoClient
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from shared.core.ids import utcnow
from shared.storage.mongo import Store, with_timeout
from shared.storage.reader import Doc

COUNTERS = "counters"
INDEXES = (IndexModel([("expireAt", 1)], expireAfterSeconds=0),)


class _Storage(MongoDBStorageBase):
    """The storage of `limits` in a service's own database, over the connections that are there.

    `prepare` makes the collection and its index; a count waits for one member of the replica set only.
    """

    def __init__(self, store: Store) -> None:
        super().__init__("", counter_collection_name=COUNTERS)
        db = store.db
        self._own: Database[Doc] = db.client.get_database(db.name, write_concern=WriteConcern(1))

    @property
    def _database(self) -> Database[Doc]:
        return self._own

    def _init_mongo_client(self, uri: str | None, **options: Any) -> MongoClient[Doc]:
        raise NotImplementedError

    def __del__(self) -> None:
        """Close nothing: the connections are the store's."""


class Counters:
    """Counts what is done, by key, in windows of fixed length."""

    def __init__(self, store: Store) -> None:
        self._limiter = FixedWindowRateLimiter(_Storage(store))

    def hit(self, limit: str, *key: str) -> int:
        """Count one more; gives the seconds to wait when `limit` ("60/minute") is exceeded, else 0.

        TryLater when the database does not answer.
        """
        item = limits.parse(limit)
        with with_timeout():
            if self._limiter.hit(item, *key):
                return 0
            window = self._limiter.get_window_stats(item, *key)
        return max(1, ceil(window.reset_time - utcnow().timestamp()))
