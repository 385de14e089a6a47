"""Who has signed in at a browser: read from cookies that intake has signed, with proof that a page of ours sent it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

import flask

from shared.core.errors import AppError, Forbidden, Unauthenticated
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.signing import sessions
from shared.signing.keys import PublicKeys
from shared.signing.sessions import LEEWAY, Session

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_FIELD = "csrf_token"
FORM_HEADER = "X-CSRF-Token"
SIGN_IN = "/intake/sign-in"
RENEW = "/intake/session"
OVER = "session-over"
"""The code of a session whose five minutes are over, and which intake may renew."""
OTHER_PERSON = "csrf-other-person"
"""The code of a form that somebody else opened, which intake shows again."""
_PATH = re.compile(r"/(?:intake|review|scoring|notify)/[!-\[\]-~]{0,1900}")

IsEnded = Callable[[str], bool]


@dataclass(frozen=True)
class SignedIn:
    """Somebody who has signed in, as `flask.g.session` says it; `csrf` is for the forms of the present page."""

    sid: str
    issuer: str
    subject: str
    name: str
    end: datetime
    csrf: str


@dataclass(frozen=True)
class Cookies:
    """How the cookies are called, and whether they go over TLS only."""

    session: str
    form: str
    signing_in: str
    secure: bool

    @classmethod
    def of(cls, public_url: str) -> "Cookies":
        """Those of an address: over TLS with the prefix that no other host may set."""
        secure = public_url.startswith("https://")
        prefix = "__Host-" if secure else ""
        return cls(f"{prefix}nilai", f"{prefix}nilai-form", f"{prefix}nilai-signing-in", secure)


class Sessions:
    """Reads the session of a request; `is_ended` says whether somebody signed out of it."""

    def __init__(self, settings: Settings, is_ended: IsEnded) -> None:
        self.cookies = Cookies.of(settings.public_url)
        self.origin = origin_of(settings.public_url)
        self.keys = PublicKeys(settings.keys)
        self.is_ended = is_ended

    def find(self) -> SignedIn | None:
        """The session of the present request, None where it has none; Unauthenticated for one that does not count."""
        found = self.read()
        if found is None:
            return None
        if _over(found, utcnow()):
            raise Unauthenticated("The session is to be renewed, or over: sign in again.", "session-over")
        if self.is_ended(found.sid):
            raise Unauthenticated("The session was ended by signing out: sign in again.", "session-ended")
        form = flask.request.cookies.get(self.cookies.form)
        csrf = sessions.masked(form) if form else ""
        return SignedIn(found.sid, found.issuer, found.subject, found.name, found.end, csrf)

    def read(self) -> Session | None:
        """What the present request's cookie says, whether its time is over or not."""
        token = flask.request.cookies.get(self.cookies.session)
        return sessions.read_session(token, self.keys.read(), utcnow()) if token else None

    def read_sender(self) -> Session | None:
        """What the cookie says as long as a form of its session may be sent again, whether it counts still or not."""
        try:
            found = self.read()
        except Unauthenticated:
            return None
        return found if found and utcnow() < sessions.form_until(found) else None

    def check_sent(self, by: SignedIn | Session) -> None:
        """Forbidden unless a page of ours sent the present request, and had its form from that person's session."""
        self.check_same_origin()
        token = flask.request.headers.get(FORM_HEADER) or _form().get(FORM_FIELD)
        if not token:
            raise Forbidden(
                f"A request in a session needs the CSRF token of its page: {FORM_HEADER}, or {FORM_FIELD} in a form.",
                "csrf-needed",
            )
        proof = sessions.read_form(token, self.keys.read(), utcnow())
        if (proof.issuer, proof.subject) != (by.issuer, by.subject):
            raise Forbidden(
                "The form was opened by somebody else, who has signed out here meanwhile; nothing was sent.",
                "csrf-other-person",
            )

    def check_same_origin(self) -> None:
        """Forbidden for what another site had a browser send."""
        headers = flask.request.headers
        site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
        same = site in ("same-origin", "none") if site is not None else origin == self.origin
        if not same:
            raise Forbidden(
                f"A request in a session comes from pages of {self.origin} only; programs send an access token.",
                "cross-site",
            )


def _form() -> Mapping[str, str]:
    """The fields of a form; one with a file names its token in the address, since it is read as it comes."""
    request = flask.request
    return request.args if brings_file() else request.form


def brings_file() -> bool:
    """Whether the present request is a form with a file."""
    return flask.request.mimetype == "multipart/form-data"


def _over(session: Session, now: datetime) -> bool:
    return now >= min(session.until + LEEWAY, session.end)


def origin_of(url: str) -> str:
    """The origin of an address, as browsers write it."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in (None, usual) else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def checked_path(said: str | None, otherwise: str = "/intake/") -> str:
    """A path of ours that a person may be led to; another place where it is none."""
    return said if said and _PATH.fullmatch(said) else otherwise


def wants_page() -> bool:
    """Whether the present request comes from somebody who looks at pages."""
    wanted = flask.request.accept_mimetypes
    return wanted["text/html"] > max(wanted["application/json"], wanted["application/problem+json"])


def lead_to_sign_in(why: AppError) -> flask.Response:
    """Send a browser to sign in, or to renew its session, and back to where it is; a form goes along."""
    request = flask.request
    # A file is not kept: the person is led to where it can be chosen again.
    safe = request.method in SAFE or brings_file()
    place = RENEW if not safe or why.cause_code == OVER else SIGN_IN
    back = checked_path(request.full_path.rstrip("?"))
    answer = flask.redirect(f"{place}?next={quote(back, safe='')}", 303 if safe else 307)
    return flask.make_response(answer)


def session() -> SignedIn | None:
    """The session of the present request; None without one, or where a token was sent."""
    found: SignedIn | None = flask.g.get("session")
    return found


def session_name() -> str:
    """How the identity provider calls whoever has signed in; nothing where a token was sent."""
    found = session()
    return found.name if found else ""


def set_cookies(answer: flask.Response, cookies: Cookies, session: str, form: str) -> None:
    """Give a browser the two cookies of a session; they go when it is closed."""
    for name, value in ((cookies.session, session), (cookies.form, form)):
        answer.set_cookie(name, value, secure=cookies.secure, httponly=True, samesite="Lax", path="/")


def delete_cookies(answer: flask.Response, cookies: Cookies) -> None:
    """Take the cookies of a session from a browser."""
    for name in (cookies.session, cookies.form):
        answer.delete_cookie(name, secure=cookies.secure, httponly=True, samesite="Lax", path="/")


KEPT = sessions.GOOD_FOR + LEEWAY + timedelta(minutes=1)
"""For how long it must be known that a session was ended: afterwards its cookie is over anyway."""
