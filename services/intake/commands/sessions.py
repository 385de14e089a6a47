"""Signing in and out."""

from dataclasses import replace
from datetime import datetime

from services.intake import store
from services.intake.commands.registry import take_name
from services.intake.domain.sessions import LASTS, SessionRecord, over_by_time
from shared.core.canonical import timestamp
from shared.events.intake import SessionEnded
from shared.replicas.sessions import note_ended
from shared.storage.mongo import Store, with_timeout
from shared.storage.transaction import Transaction


def begin_session(tx: Transaction, name: str, before: str | None) -> SessionRecord:
    """Begin a session of the caller; the one that the same browser showed `before` ends."""
    if before:
        end_session(tx, before)
    take_name(tx, name)
    record = SessionRecord(
        id=tx.new_id(),
        issuer=tx.caller.issuer,
        subject=tx.caller.subject,
        name=name or tx.caller.subject,
        began=tx.now,
        end=tx.now + LASTS,
        deed=tx.now,
    )
    tx.audit(f"session:{record.id}", "session.begun", end=timestamp(record.end))
    return store.save_session(tx, record)


def end_session(tx: Transaction, id: str) -> bool:
    """End a session that goes on still; gives whether it did."""
    record = store.find_session(tx, id)
    if record is None or record.ended is not None or record.end <= tx.now:
        return False
    _end(tx, record, "left", tx.now)
    return True


def note_deed(database: Store, id: str, at: datetime) -> None:
    """Keep that something was done in a session at a moment, which is nothing for the audit trail."""
    with with_timeout():
        store.note_deed(database.db, id, at)


def end_over_session(tx: Transaction, id: str) -> bool:
    """End a session of which nobody signed out, whose time is over; gives whether it was."""
    record = store.find_session(tx, id)
    over = over_by_time(record, tx.now) if record else None
    if record is None or over is None:
        return False
    _end(tx, record, *over)
    return True


def _end(tx: Transaction, record: SessionRecord, why: str, at: datetime) -> None:
    subject = f"session:{record.id}"
    store.save_session(tx, replace(record, ended=at))
    note_ended(tx, record.id)
    tx.audit(subject, "session.ended", why=why, at=timestamp(at))
    tx.emit(subject, SessionEnded(session=record.id))
