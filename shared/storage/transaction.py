"""The unit of work: what a command reads and writes between the opening and the commit of one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import Binary
from pymongo import InsertOne, ReplaceOne, ReturnDocument
from pymongo.database import Database

from shared.core.canonical import JSON
from shared.core.errors import Conflict
from shared.core.ids import first_id, new_id, utcnow
from shared.core.people import Caller
from shared.events import Envelope, contract_of, encode
from shared.storage import audit
from shared.storage.reader import Doc, Reader

__all__ = ["Context", "Doc", "Reader", "Transaction", "first_id", "new_id", "utcnow"]

Key = tuple[str, str]


@dataclass
class Context:
    """What stays the same when the database makes a command run again: the time, the asker, the ids drawn."""

    service: str
    now: datetime
    caller: Caller
    correlation: str
    causation: str | None = None
    trace: str | None = None
    sequence: int = 0
    event_time: datetime | None = None
    ids: list[str] = field(default_factory=list)


class Transaction(Reader):
    """A unit of work: reads go through an identity map, writes leave in one bulk call per collection.

    Documents that were read are never changed in place: a changed copy is handed to `put`. Every change
    belongs to a subject ("submission:0190…"), whose head `audit` and `emit` write, so that two commands that
    change or decide something below one root conflict, and one of them runs again.
    """

    def __init__(self, db: Database[Doc], context: Context) -> None:
        super().__init__(db, context.now)
        self.context = context
        self._drawn = 0
        self._known: dict[Key, Doc | None] = {}
        self._stored: dict[Key, int] = {}
        self._changed: dict[Key, Doc | None] = {}
        self._rows: dict[str, list[Doc]] = {}
        self._undo: list[Callable[[], object]] = []
        self._written = False
        self._audited = False
        self.flushes = 0

    @property
    def caller(self) -> Caller:
        """Whoever asked for this."""
        return self.context.caller

    @property
    def sequence(self) -> int:
        """The sequence number of the event that is being handled; 0 when a request is."""
        return self.context.sequence

    def new_id(self) -> str:
        """A fresh id, the same one again when the database makes the command run again."""
        if self._drawn == len(self.context.ids):
            self.context.ids.append(new_id())
        self._drawn += 1
        return self.context.ids[self._drawn - 1]

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
        missing = [one for one in dict.fromkeys(ids) if (collection, one) not in self._known]
        if not missing:
            return
        found = {doc["_id"]: doc for doc in self._db[collection].find({"_id": {"$in": missing}})}
        for one in missing:
            self._learn(collection, one, found.get(one))

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

    # telling

    def emit(self, subject: str, event: object) -> str:
        """Tell an event about a subject; gives the event's id. The bytes are final from here on."""
        contract = contract_of(event)
        if contract.producer != self.context.service:
            raise TypeError(f"{self.context.service} may not tell {contract.type}")
        head = self._head(subject)
        envelope = Envelope(
            id=self.new_id(),
            source=f"/nilai/{self.context.service}",
            type=contract.type,
            subject=subject,
            time=self.now,
            sequence=head["event_seq"] + 1,
            correlation=self.context.correlation,
            causation=self.context.causation,
            trace=self.context.trace,
            event=event,
        )
        self._write_head({**head, "event_seq": envelope.sequence})
        self.append(
            "outbox",
            {
                "_id": envelope.id,
                "type": contract.type,
                "subject": subject,
                "sequence": envelope.sequence,
                "at": self.now,
                "pending": True,
                "body": Binary(encode(envelope)),
            },
        )
        return envelope.id

    def audit(self, subject: str, action: str, /, **detail: Any) -> None:
        """Write down who did what to a subject, as the next link of that subject's chain."""
        head = self._head(subject)
        row = audit.entry(
            head["audit_hash"],
            subject,
            head["audit_seq"] + 1,
            self.now,
            self.caller.id,
            action,
            detail,
            self.context.correlation,
        )
        self.append("audit", row)
        self._write_head({**head, "audit_seq": row["seq"], "audit_hash": row["hash"]})
        self._audited = True

    def touch(self, subjects: Iterable[str]) -> dict[str, list[JSON]]:
        """Write the heads of subjects as they are, so that whoever changes one of them at the same time conflicts.

        Gives {subject: [number, hash]} of their last audit entries ([0, ""] where there is none), for the
        entry that joins them into its own chain: `tx.audit(subject, action, joins=tx.touch(others))`.
        """
        named = sorted(set(subjects))
        self.load("heads", named)
        heads = [self._head(subject) for subject in named]
        for head in heads:
            self._write_head(head)
        return {head["_id"]: [head["audit_seq"], head["audit_hash"]] for head in heads}

    def _head(self, subject: str) -> Doc:
        head = self.get("heads", subject)
        return head or {"_id": subject, "audit_seq": 0, "audit_hash": "", "event_seq": 0}

    def _write_head(self, head: Doc) -> None:
        written = self._written
        self.put("heads", head)
        self._written = written

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
        self._written = self._audited = False
        return len(self._undo), self.flushes

    def rollback_to(self, mark: tuple[int, int]) -> bool:
        """Take back everything since the mark; False when some of it is in the database already."""
        length, flushes = mark
        if flushes != self.flushes:
            return False
        while len(self._undo) > length:
            self._undo.pop()()
        return True

    def check_audited(self) -> None:
        """TypeError when something was changed and nobody wrote down who did it."""
        if self._written and not self._audited:
            raise TypeError("a change without an audit entry: call tx.audit(subject, action, …)")

    def flush(self) -> None:
        """Send what is buffered: one bulk call per collection."""
        if not self._changed and not any(self._rows.values()):
            return
        self.flushes += 1
        changed, self._changed = self._changed, {}
        rows, self._rows = self._rows, {}
        self._undo.clear()
        for collection in dict.fromkeys(one for one, _ in changed):
            self._send(collection, {id: doc for (one, id), doc in changed.items() if one == collection})
        for collection, new in rows.items():
            if new:
                self._db[collection].insert_many(new)

    def _send(self, collection: str, docs: Mapping[str, Doc | None]) -> None:
        from_rev = {id: self._stored[collection, id] for id in docs}
        inserts = [InsertOne(doc) for id, doc in docs.items() if doc is not None and not from_rev[id]]
        replaces = [
            ReplaceOne({"_id": id, "rev": from_rev[id]}, doc)
            for id, doc in docs.items()
            if doc is not None and from_rev[id]
        ]
        gone = [id for id, doc in docs.items() if doc is None and from_rev[id]]
        if inserts or replaces:
            done = self._db[collection].bulk_write([*inserts, *replaces], ordered=False)
            if done.matched_count != len(replaces):
                raise RuntimeError(f"a document of {collection} changed under a snapshot")
        if gone:
            self._db[collection].delete_many({"_id": {"$in": gone}})
        for id, doc in docs.items():
            self._stored[collection, id] = doc["rev"] if doc else 0
