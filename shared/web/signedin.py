"""The cookies of a session, as only the service that holds the key for sessions can give them."""

from datetime import datetime

import flask

from shared.auth import guard, sessions
from shared.core.settings import Settings
from shared.signing.keys import KeyRing, SigningKey
from shared.signing.sessions import (
    GOOD_FOR,
    PURPOSE,
    FormProof,
    Session,
    form_until,
    sign_form,
    sign_session,
)


def signing_key(settings: Settings, now: datetime) -> SigningKey:
    """The key that signs sessions now; KeysError where there is none."""
    return KeyRing.load(settings.keys, settings.service).signing(PURPOSE, now)


def renewed(session: Session, deed: datetime, now: datetime) -> Session:
    """The session for five more minutes, no longer than it lasts."""
    return Session(
        sid=session.sid,
        issuer=session.issuer,
        subject=session.subject,
        name=session.name,
        deed=deed,
        until=min(now + GOOD_FOR, session.end),
        end=session.end,
    )


def give_cookies(answer: flask.Response, settings: Settings, session: Session, now: datetime) -> None:
    """Put a session, and what vouches for the forms of its pages, into an answer's cookies."""
    key = signing_key(settings, now)
    proof = FormProof(session.sid, session.issuer, session.subject, form_until(session))
    cookies = guard.sessions_of_app().cookies
    sessions.set_cookies(answer, cookies, sign_session(session, key), sign_form(proof, key))
