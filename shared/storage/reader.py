"""Reading what is committed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.database import Database

Doc = dict[str, Any]


class Reader:
    """Reading without a transaction; what a query gets."""

    def __init__(self, db: Database[Doc], now: datetime) -> None:
        self._db = db
        self.now = now

    def get(self, collection: str, id: str) -> Doc | None:
        """One document by its id, or None."""
        return self._db[collection].find_one({"_id": id})

    def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        fields: Sequence[str] | None = None,
    ) -> list[Doc]:
        """The documents that match, in the given order; limit 0 means all of them."""
        cursor = self._db[collection].find(where, fields, limit=limit)
        return list(cursor.sort(list(sort)) if sort else cursor)

    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        """How many documents match."""
        return self._db[collection].count_documents(where)

    def aggregate(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Doc]:
        """The rows of an aggregation."""
        return list(self._db[collection].aggregate(list(pipeline)))
