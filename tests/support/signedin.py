"""Browsers that have signed in: the cookies that intake would set, signed with the keys of a test."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from shared.core.ids import utcnow
from shared.signing.keys import KeyRing
from shared.signing.sessions import FORM_GOOD_FOR, FormProof, Session, sign_form, sign_session


def session_of(issuer: str, subject: str, **changes: object) -> Session:
    """A session of somebody that has just begun."""
    now = utcnow()
    made = Session(
        sid=f"s-{subject}",
        issuer=issuer,
        subject=subject,
        name=f"Nama {subject}",
        deed=now,
        until=now + timedelta(minutes=5),
        end=now + timedelta(hours=8),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def cookies_of(session: Session, keys: Path) -> dict[str, str]:
    """The cookies of a session, by their names where no TLS is spoken."""
    key = KeyRing.load(keys, "intake").signing("sessions", utcnow())
    proof = FormProof(session.sid, session.issuer, session.subject, utcnow() + FORM_GOOD_FOR)
    return {"nilai": sign_session(session, key), "nilai-form": sign_form(proof, key)}
