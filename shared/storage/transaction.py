"""The transaction of a command: a unit of work that also publishes events and writes the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import Binary
from pymongo.database import Database

from shared.core.canonical import JSON
from shared.core.ids import first_id, new_id, utcnow
from shared.core.people import Caller
from shared.events import Envelope, contract_of, encode
from shared.events.contract import HEARTBEAT
from shared.storage import audit
from shared.storage.reader import Doc, Reader
from shared.storage.unit_of_work import UnitOfWork

__all__ = ["Context", "Doc", "Origin", "Reader", "Transaction", "first_id", "new_id", "utcnow"]


@dataclass(frozen=True)
class Origin:
    """Where a command comes from: who asked, the journey that it belongs to, the moment of asking.

    What is None is the service itself, a new journey, now.
    """

    caller: Caller | None = None
    correlation: str | None = None
    at: datetime | None = None
    trace: str | None = None


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
    producer: str = ""
    rebuilding: str = ""
    again: bool = False
    ids: list[str] = field(default_factory=list)


class Transaction(UnitOfWork):
    """What a command reads, writes, publishes and audits; all of it commits together or not at all.

    Every change belongs to a subject ("submission:0190…"), whose head `audit` and `emit` write, so that two commands
    that change or decide something below one root conflict, and one of them runs again.
    """

    def __init__(self, db: Database[Doc], context: Context) -> None:
        super().__init__(db, context.now)
        self.context = context
        self._drawn = 0
        self._audited = False

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

    def emit(self, subject: str, event: object) -> str:
        """Publish an event about a subject with this commit; gives its id. The bytes are final from here on."""
        contract = contract_of(event)
        if contract.producer != self.context.service:
            raise TypeError(f"{self.context.service} may not publish {contract.type}")
        if contract.kind == HEARTBEAT:
            raise TypeError(f"{contract.type} is a heartbeat, which the relay publishes")
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
        entry = audit.Entry(
            subject=subject,
            seq=head["audit_seq"] + 1,
            at=self.now,
            actor=self.caller.id,
            action=action,
            detail=detail,
            correlation=self.context.correlation,
        )
        row = audit.link(entry, head["audit_hash"])
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

    def savepoint(self) -> tuple[int, int]:
        """Begin a new piece of work; gives the mark to which `rollback_to` can go back."""
        self._audited = False
        return super().savepoint()

    def check_audited(self) -> None:
        """TypeError when something was changed and nobody wrote down who did it."""
        if self._written and not self._audited:
            raise TypeError("a change without an audit entry: call tx.audit(subject, action, …)")
