"""The buffer of one transaction: an identity map in front of the reads, writes that leave in bulk, and an undo list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne, ReturnDocument
from pymongo.database import Database

from shared.core.errors import Conflict
from shared.storage.reader import Doc, Page, Reader

Key = tuple[str, str]


class UnitOfWork(Reader):
    """Reads go through an identity map; writes leave in one bulk call per collection.

    Documents that were read are never changed in place: a changed copy is handed to `put`. A query that is not by
    id sends first what is buffered.
    """

    def __init__(self, db: Database[Doc], now: datetime) -> None:
        super().__init__(db, now)
        self._known: dict[Key, Doc | None] = {}
        self._stored: dict[Key, int] = {}
        self._changed: dict[Key, Doc | None] = {}
        self._rows: dict[str, list[Doc]] = {}
        self._undo: list[Callable[[], object]] = []
        self._written = False
        self.flushes = 0

    # reading

    def get(self, collection: str, id: str) -> Doc | None:
        """One document by its id, as this unit of work would leave it, or None."""
        key = (collection, id)
        if key not in self._known:
            self._learn(collection, id, super().get(collection, id))
        return self._known[key]

    def stored_rev(self, collection: str, id: str) -> int:
        """The version that the database holds, whatever is still to be written; 0 when it holds none."""
        self.get(collection, id)
        return self._stored[collection, id]

    def load(self, collection: str, ids: Iterable[str]) -> None:
        """Read many documents by one query, so that `get` need not ask for each."""
        missing = [id for id in dict.fromkeys(ids) if (collection, id) not in self._known]
        if not missing:
            return
        found = {doc["_id"]: doc for doc in self._db[collection].find({"_id": {"$in": missing}})}
        for id in missing:
            self._learn(collection, id, found.get(id))

    def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        fields: Sequence[str] | None = None,
    ) -> list[Doc]:
        """The documents that match, this unit's own writes included; limit 0 means all of them."""
        self.flush()
        docs = super().find(collection, where, sort, limit, fields)
        if fields is None:
            for doc in docs:
                self._learn(collection, doc["_id"], doc)
        return docs

    def find_page(
        self,
        collection: str,
        where: Mapping[str, Any],
        sort: Sequence[tuple[str, int]],
        limit: int,
        fields: Sequence[str] | None = None,
    ) -> Page[Doc]:
        """A page of the documents that match, this unit's own writes included."""
        self.flush()
        return super().find_page(collection, where, sort, limit, fields)

    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        """How many documents match, this unit's own writes included."""
        self.flush()
        return super().count(collection, where)

    def aggregate(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Doc]:
        """The rows of an aggregation, this unit's own writes included."""
        self.flush()
        return super().aggregate(collection, pipeline)

    # writing

    def put(self, collection: str, doc: Mapping[str, Any]) -> Doc:
        """Insert a document, or replace the one of the same `_id`; gives what is stored, whose `rev` counts from 1."""
        stored = dict(doc)
        self._change(collection, doc["_id"], stored)
        return stored

    def insert(self, collection: str, doc: Mapping[str, Any]) -> None:
        """Insert a document that should be new, without asking for it first; Conflict when it is known here already."""
        key = (collection, doc["_id"])
        if self._known.get(key) is not None:
            raise Conflict(f"There is a document {doc['_id']} of {collection} already.", "already-exists")
        if key not in self._known:
            self._learn(collection, doc["_id"], None)
            self._undo.append(lambda: self._known.pop(key))
        self._change(collection, doc["_id"], dict(doc))

    def delete(self, collection: str, id: str) -> None:
        """Take a document away, if it is there."""
        if self.get(collection, id) is not None:
            self._change(collection, id, None)

    def append(self, collection: str, row: Mapping[str, Any]) -> None:
        """Add a row that is never read by id nor changed within this unit of work."""
        rows = self._rows.setdefault(collection, [])
        rows.append(dict(row))
        self._undo.append(rows.pop)

    def claim(self, collection: str, where: Mapping[str, Any], update: Mapping[str, Any]) -> Doc | None:
        """Change the one document that matches, at once and atomically; None when none does."""
        self.flush()
        update = {**update, "$inc": {"rev": 1, **update.get("$inc", {})}}
        doc = self._db[collection].find_one_and_update(where, update, return_document=ReturnDocument.AFTER)
        if doc is not None:
            self._learn(collection, doc["_id"], doc)
            self._written = True
            self.flushes += 1
        return doc

    # the unit's own bookkeeping

    def _learn(self, collection: str, id: str, doc: Doc | None) -> None:
        self._known[collection, id] = doc
        self._stored[collection, id] = doc.get("rev", 0) if doc else 0

    def _change(self, collection: str, id: str, doc: Doc | None) -> None:
        key = (collection, id)
        if key not in self._known:
            self.get(collection, id)
        before, was_changed, queued = self._known[key], key in self._changed, self._changed.get(key)
        if doc is not None:
            doc["rev"] = self._stored[key] + 1
        self._known[key] = self._changed[key] = doc
        self._written = True

        def undo() -> None:
            self._known[key] = before
            if was_changed:
                self._changed[key] = queued
            else:
                self._changed.pop(key, None)

        self._undo.append(undo)

    def savepoint(self) -> tuple[int, int]:
        """Begin a new piece of work; gives the mark to which `rollback_to` can go back."""
        self._written = False
        return len(self._undo), self.flushes

    def rollback_to(self, mark: tuple[int, int]) -> bool:
        """Take back everything since the mark; False when some of it is in the database already."""
        length, flushes = mark
        if flushes != self.flushes:
            return False
        while len(self._undo) > length:
            self._undo.pop()()
        return True

    def flush(self) -> None:
        """Send what is buffered: one bulk call per collection."""
        if not self._changed and not any(self._rows.values()):
            return
        self.flushes += 1
        changed, self._changed = self._changed, {}
        rows, self._rows = self._rows, {}
        self._undo.clear()
        for collection in dict.fromkeys(name for name, _ in changed):
            self._send(collection, {id: doc for (name, id), doc in changed.items() if name == collection})
        for collection, new in rows.items():
            if new:
                self._db[collection].insert_many(new)

    def _send(self, collection: str, docs: Mapping[str, Doc | None]) -> None:
        from_rev = {id: self._stored[collection, id] for id in docs}
        kept = {id: doc for id, doc in docs.items() if doc is not None}
        self._write(collection, kept, from_rev)
        gone = [id for id in docs.keys() - kept.keys() if from_rev[id]]
        if gone:
            self._db[collection].delete_many({"_id": {"$in": gone}})
        for id, doc in docs.items():
            self._stored[collection, id] = doc["rev"] if doc else 0

    def _write(self, collection: str, docs: Mapping[str, Doc], from_rev: Mapping[str, int]) -> None:
        inserts = [InsertOne(doc) for id, doc in docs.items() if not from_rev[id]]
        replaces = [
            ReplaceOne({"_id": id, "rev": from_rev[id]}, doc) for id, doc in docs.items() if from_rev[id]
        ]
        if inserts or replaces:
            done = self._db[collection].bulk_write([*inserts, *replaces], ordered=False)
            if done.matched_count != len(replaces):
                raise RuntimeError(f"a document of {collection} changed under a snapshot")
