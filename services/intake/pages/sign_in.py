"""Signing in at the identity provider, going on with a session, signing out."""

import secrets as random
from contextlib import suppress
from urllib.parse import quote

import flask

from services.intake import commands, queries
from services.intake.pages.home import TEMPLATES
from services.intake.pages.profile import carry
from shared import web
from shared.auth import guard, sessions
from shared.auth.guard import PUBLIC, audience
from shared.auth.oidc import Identity, Provider, Secrets
from shared.auth.sessions import FORM_FIELD, RENEW, SAFE, SIGN_IN, checked_path
from shared.core.errors import AppError, Forbidden, TryLater, Unauthenticated
from shared.core.people import Caller
from shared.core.settings import Settings
from shared.signing import signingin
from shared.signing.sessions import Session, read_form
from shared.signing.signingin import SigningIn
from shared.web import signedin

RETURN = "/intake/signed-in"
MOST_TABS = 2
"""Sign-ins that other tabs of a browser may have begun."""
LONGEST_NEXT = 600
"""Characters of the address to go on to; a longer one is cut, and leads home."""
Answer = flask.typing.ResponseReturnValue


def blueprint(settings: Settings) -> flask.Blueprint:
    """The routes, with the identity provider and the key that signs sessions."""
    pages = flask.Blueprint("sign-in", __name__, template_folder=str(TEMPLATES))
    door = _Door(settings)

    @pages.get(_own(SIGN_IN))
    @audience(PUBLIC)
    def sign_in() -> Answer:
        """Lead a browser to the identity provider."""
        return door.begin()

    @pages.get(_own(RETURN))
    @audience(PUBLIC)
    def signed_in() -> Answer:
        """Take the identity provider's answer."""
        return door.finish()

    @pages.route(_own(RENEW), methods=["GET", "POST"])
    @audience(PUBLIC)
    def session() -> Answer:
        """Renew a session on the way to another page."""
        return door.go_on()

    @pages.post("/sign-out")
    @audience(PUBLIC)
    def sign_out() -> Answer:
        """End the session."""
        return door.leave()

    @pages.get("/signed-in-again")
    @audience(PUBLIC)
    def signed_in_again() -> Answer:
        """Say in the tab that was opened for signing in again that it may be closed."""
        with suppress(Unauthenticated):
            guard.recognise()
        return flask.render_template("intake/signed_in_again.html")

    return pages


def _own(path: str) -> str:
    """A path below that of the service."""
    return path.removeprefix("/intake")


class _Door:
    """The way in and out."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.provider = Provider(settings)
        self.back = settings.public_url + RETURN

    def begin(self) -> Answer:
        """Lead a browser to the identity provider, with what proves later that it began this."""
        now, secrets = web.arrived(), Secrets(*(random.token_urlsafe(32) for _ in range(3)))
        begun = SigningIn(
            state=secrets.state,
            nonce=secrets.nonce,
            verifier=secrets.verifier,
            next=checked_path(flask.request.args.get("next", "")[:LONGEST_NEXT]),
            until=now + signingin.GOOD_FOR,
        )
        try:
            if not self.settings.oidc_client_id:
                raise TryLater("Nobody has set up how to sign in: OIDC_CLIENT_ID.", "sign-in-not-set-up")
            anew = flask.request.args.get("prompt") == "login" or self._left in flask.request.cookies
            answer = flask.make_response(flask.redirect(self.provider.begin(self.back, secrets, anew), 303))
        except TryLater as why:
            return self._failed(why, begun.next)
        key = signedin.signing_key(self.settings, now)
        self._keep(answer, begun.state, signingin.sign(begun, key))
        self._forget_others(answer)
        return answer

    def finish(self) -> Answer:
        """Begin a session of whom the identity provider names, where this browser began the sign-in."""
        begun = None
        try:
            begun = self._begun(flask.request.args.get("state", ""))
            secrets = Secrets(begun.state, begun.nonce, begun.verifier)
            identity = self.provider.finish(self.back, flask.request.args, secrets)
        except (Forbidden, TryLater) as why:
            answer = self._failed(why, begun.next if begun else "/intake/")
        else:
            answer = self._signed_in(identity, begun.next)
        if begun:
            self._keep(answer, begun.state, None)
        return answer

    def go_on(self) -> Answer:
        """Renew the session of a browser on its way to another page, its own form with it; else say that it is over."""
        request, now, shown = flask.request, web.arrived(), self._shown()
        place, safe = checked_path(request.args.get("next")), request.method in SAFE
        goes_on = shown and web.query(queries.find_going_on, shown.sid, shown.deed, now)
        found = shown if goes_on else None
        if not safe and not self._is_form_of(found):
            return self._kept(place, found.name if found else None)
        if found:
            commands.note_deed(web.database(), found.sid, now)
            answer = flask.make_response(flask.redirect(place, 303 if safe else 307))
            signedin.give_cookies(answer, self.settings, signedin.renewed(found, now, now), now)
            return answer
        if shown is None:
            return flask.redirect(f"{SIGN_IN}?next={quote(place, safe='')}", 303)
        return self._without_session(flask.render_template("intake/session_over.html", next=place))

    def leave(self) -> Answer:
        """End the session, here and at the identity provider."""
        found, me = self._shown(), ""
        if found:
            guard.sessions_of_app().check_sent(found)
            me = web.query(queries.find_id, found.issuer, found.subject, web.arrived())
            guard.act_as(Caller(found.issuer, found.subject))
            web.run(commands.end_session, found.sid)
        place = self.provider.farewell(f"{self.settings.public_url}/intake/")
        answer = self._without_session(flask.render_template("intake/signed_out.html", place=place, me=me))
        # Who signs in next at this browser proves who they are, though the provider still knows who left.
        self._set(answer, self._left, "1")
        return answer

    @property
    def _left(self) -> str:
        """The cookie of a browser in which somebody signed out here."""
        return f"{guard.sessions_of_app().cookies.signing_in}-left"

    def _signed_in(self, identity: Identity, place: str) -> flask.Response:
        now = web.arrived()
        guard.act_as(Caller(identity.issuer, identity.subject))
        before = self._shown()
        record = web.run(commands.begin_session, identity.name, before.sid if before else None)
        session = Session(
            sid=record.id,
            issuer=record.issuer,
            subject=record.subject,
            name=record.name,
            deed=now,
            until=now,
            end=record.end,
        )
        answer = flask.make_response(flask.redirect(place, 303))
        signedin.give_cookies(answer, self.settings, signedin.renewed(session, now, now), now)
        self._set(answer, self._left, None)
        carry(answer, web.query(queries.get_profile, guard.caller(), record.name))
        return answer

    def _shown(self) -> Session | None:
        """The session that this browser shows, whether it goes on or not."""
        try:
            return guard.sessions_of_app().read()
        except Unauthenticated:
            return None

    def _begun(self, state: str) -> SigningIn:
        token = flask.request.cookies.get(self._cookie(state), "")
        if not token:
            raise Forbidden(
                "This browser began no such sign-in, or too long ago: begin again.", "sign-in-over"
            )
        begun = signingin.read(token, guard.sessions_of_app().keys.read(), web.arrived())
        if not random.compare_digest(begun.state, state):
            raise Forbidden("The answer belongs to another sign-in: begin again.", "sign-in-over")
        return begun

    def _cookie(self, state: str) -> str:
        kept = "".join(one for one in state[:8] if one.isascii() and one.isalnum())
        return f"{guard.sessions_of_app().cookies.signing_in}-{kept}"

    def _forget_others(self, answer: flask.Response) -> None:
        """Leave a few unfinished sign-ins of other tabs: many would make every request's head too long."""
        cookies = guard.sessions_of_app().cookies
        every = flask.request.cookies
        begun = [name for name in every if name.startswith(f"{cookies.signing_in}-") and name != self._left]
        for name in begun[MOST_TABS:]:
            answer.delete_cookie(name, secure=cookies.secure, httponly=True, samesite="Lax", path="/")

    def _keep(self, answer: flask.Response, state: str, token: str | None) -> None:
        """Have the browser keep what it began, or forget it; several tabs may sign in at once."""
        self._set(answer, self._cookie(state), token, int(signingin.GOOD_FOR.total_seconds()))

    def _set(self, answer: flask.Response, name: str, value: str | None, seconds: int | None = None) -> None:
        """Have the browser keep a value, for so long or until it is closed; None: forget it."""
        secure = guard.sessions_of_app().cookies.secure
        answer.set_cookie(
            name,
            value or "",
            max_age=0 if value is None else seconds,
            secure=secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )

    def _failed(self, why: AppError, place: str) -> flask.Response:
        page = flask.render_template("intake/sign_in_failed.html", code=why.cause_code, next=place)
        return flask.make_response(page, why.status)

    def _without_session(self, page: str) -> flask.Response:
        answer = flask.make_response(page)
        sessions.delete_cookies(answer, guard.sessions_of_app().cookies)
        return answer

    def _is_form_of(self, found: Session | None) -> bool:
        """Whether whose session this is opened the form that is sent; Forbidden where no page of ours sent one."""
        reader = guard.sessions_of_app()
        reader.check_same_origin()
        proof = read_form(flask.request.form.get(FORM_FIELD, ""), reader.keys.read(), web.arrived())
        return found is not None and (proof.issuer, proof.subject) == (found.issuer, found.subject)

    def _kept(self, place: str, other: str | None) -> Answer:
        """Show a form that was not sent, to be sent again by who opened it; `other` is who has signed in instead."""
        files = [one.filename for one in flask.request.files.values() if one.filename]
        fields = list(flask.request.form.items(multi=True))
        return flask.render_template(
            "intake/kept_form.html", fields=fields, files=files, action=place, other=other
        )
