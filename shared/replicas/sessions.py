"""Sessions out of which somebody signed, kept until their cookies are over by themselves."""

from shared.auth.sessions import KEPT
from shared.events.intake import SessionEnded
from shared.messaging.inbox import Handler
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction

ENDED = "ended_sessions"


def note_ended(tx: Transaction, session: str) -> None:
    """Keep that a session was ended, for as long as somebody could still show its cookie."""
    if tx.get(ENDED, session) is None:
        tx.insert(ENDED, {"_id": session, "until": tx.now + KEPT})


def on_session_ended(tx: Transaction, event: SessionEnded) -> None:
    """Take over that somebody signed out."""
    note_ended(tx, event.session)
    tx.audit(f"session:{event.session}", "session.end-replicated")


ENDED_SESSIONS = Handler(on_session_ended, lambda event: [(ENDED, event.session)])


def is_ended(reader: Reader, session: str) -> bool:
    """Whether somebody signed out of a session lately."""
    return reader.get(ENDED, session) is not None
