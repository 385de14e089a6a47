"""Reading what is committed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import bson
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument
from pymongo.database import Database

Doc = dict[str, Any]
Row = TypeVar("Row")
Made = TypeVar("Made")

MOST_BYTES = 384 * 1024
"""Bytes of BSON on a page of more than one row; as JSON, where each becomes six at worst, less than 2.5 MB."""
_BATCH = 26
"""Rows that the database sends at once: half of a usual page and the one more that is asked for."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of a list, and whether there are more behind the last of them."""

    rows: Sequence[Row]
    more: bool

    def map(self, make: Callable[[Row], Made]) -> "Page[Made]":
        """The same page with something made of each row."""
        return Page([make(row) for row in self.rows], self.more)


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

    def find_page(
        self,
        collection: str,
        where: Mapping[str, Any],
        sort: Sequence[tuple[str, int]],
        limit: int,
        fields: Sequence[str] | None = None,
    ) -> Page[Doc]:
        """The first documents that match: at most `limit`, and at most MOST_BYTES or one."""
        raw = self._db[collection].with_options(codec_options=DEFAULT_RAW_BSON_OPTIONS)
        with raw.find(where, fields, sort=list(sort), limit=limit + 1, batch_size=_BATCH) as cursor:
            found = _first(cursor, limit)
        return found.map(lambda doc: bson.decode(doc.raw, self._db.codec_options))

    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        """How many documents match."""
        return self._db[collection].count_documents(where)

    def aggregate(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Doc]:
        """The rows of an aggregation."""
        return list(self._db[collection].aggregate(list(pipeline)))


def _first(docs: Iterable[RawBSONDocument], limit: int) -> Page[RawBSONDocument]:
    kept: list[RawBSONDocument] = []
    size = 0
    for doc in docs:
        size += len(doc.raw)
        if kept and (len(kept) == limit or size > MOST_BYTES):
            return Page(kept, more=True)
        kept.append(doc)
    return Page(kept, more=False)
