"""Who is asking, and who may: bearer tokens of the identity provider, sessions, and an audience on every view.

Deny by default: an application with a view that declares no audience is never made.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any, TypeVar

import flask
from werkzeug.routing import Rule

from shared.auth import sessions
from shared.auth.sessions import IsEnded, Sessions, SignedIn
from shared.auth.tokens import Tokens
from shared.core import telemetry
from shared.core.errors import AppError, Forbidden, TooMany, TryLater, Unauthenticated
from shared.core.people import ROLES, Caller
from shared.core.settings import Settings

PUBLIC = "public"
ANYONE = "anyone"
IS_COUNTING = "token"
"""The endpoint at which the gateway asks whether somebody counts."""
SESSIONS, RECOGNISE = "nilai-sessions", "nilai-recognise"
MOST_REFUSED = "600/minute"
"""Tokens of one address that do not count, over all processes of a service; many people may share an address."""
NOBODY = Caller(issuer="", subject="nobody")

Audience = frozenset[str]
ViewFunction = TypeVar("ViewFunction", bound=Callable[..., Any])
FindCaller = Callable[[str, str], Caller]
CountHit = Callable[[str, str, str], int]

log = telemetry.logger(__name__)


def audience(*roles: str) -> Callable[[ViewFunction], ViewFunction]:
    """Declare who may call a view: roles of `shared.core.people.ROLES`, PUBLIC, or ANYONE with a valid token."""
    unknown = set(roles) - {*ROLES, PUBLIC, ANYONE}
    if unknown or not roles:
        raise ValueError(f"an audience needs known roles, not {sorted(unknown)}")

    return lambda view: annotate(view, audience=frozenset(roles))


def annotate(view: ViewFunction, **declared: Any) -> ViewFunction:
    """Declare something of a view, where `view_documentation` finds it; gives the view itself."""
    # flask-smorest's decorators hand `_apidoc` on, so the declaration may stand at any height among them.
    attributes = vars(view)
    attributes["_apidoc"] = deepcopy(attributes.get("_apidoc", {})) | declared
    return view


def view_documentation(app: flask.Flask, rule: Rule, method: str) -> Mapping[str, Any]:
    """What is declared of the view that answers that method of that route.

    Gives {audience, name, headers, content, errors, may_lack, tagged, arguments …}, as far as it is declared.
    """
    view: Any = app.view_functions[rule.endpoint]
    if kind := getattr(view, "view_class", None):
        view = getattr(kind, "get" if method == "HEAD" else method.lower(), None)
    found: Mapping[str, Any] = getattr(view, "_apidoc", {})
    return found


def declared(app: flask.Flask, rule: Rule, method: str) -> Audience | None:
    """The audience of what answers that method of that route, or None when nothing is declared."""
    return view_documentation(app, rule, method).get("audience")


def routes(app: flask.Flask) -> Iterator[tuple[Rule, str]]:
    """Every route of the application with each method that a view of ours answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule, method


def undeclared(app: flask.Flask) -> list[str]:
    """The routes without an audience, as "METHOD /path"."""
    return [f"{method} {rule.rule}" for rule, method in routes(app) if declared(app, rule, method) is None]


class Guard:
    """Stands before every view: finds the caller of a request and refuses whom the view did not declare.

    `count(limit, kind, key)` gives the seconds to wait when something was done more often than a limit allows;
    `is_ended(sid)` says whether somebody signed out of a session.
    """

    def __init__(
        self, settings: Settings, find_caller: FindCaller, count: CountHit, is_ended: IsEnded
    ) -> None:
        self.tokens = Tokens(settings)
        self.sessions = Sessions(settings, is_ended)
        self.find_caller = find_caller
        self.count = count

    def protect(self, app: flask.Flask, *between: Callable[[flask.Flask], None]) -> None:
        """Guard all routes of the application; LookupError names those that declare no audience.

        What is `between` adds what is asked once the caller is known, whatever it may do.
        """
        if missing := undeclared(app):
            raise LookupError("routes without an audience: " + ", ".join(missing))
        app.extensions[SESSIONS] = self.sessions
        app.extensions[RECOGNISE] = self._recognise
        app.before_request(self._find)
        for init in between:
            init(app)
        app.before_request(_admit)

    def _find(self) -> flask.Response | None:
        """Find out who sends the present request, where that matters, or raise Unauthenticated.

        Somebody who looks at pages is led to sign in instead, a form that does not count to where it is shown again.
        """
        allowed = _allowed()
        if allowed is None or PUBLIC in allowed:
            return None
        try:
            flask.g.caller = self.find_caller(*self._who())
        except (Unauthenticated, Forbidden) as why:
            if _by_token() or not sessions.wants_page() or not _is_mended_by_signing_in(why):
                raise
            if flask.request.endpoint != IS_COUNTING:
                return sessions.lead_to_sign_in(why)
            flask.g.caller = self._sender(why)
        return None

    def _sender(self, why: AppError) -> Caller:
        """Whose large form the gateway may read, though the session is over: it is shown again."""
        found = self.sessions.read_sender()
        if found is None:
            raise why
        return self.find_caller(found.issuer, found.subject)

    def _recognise(self) -> SignedIn | None:
        found = None if _by_token() else self.sessions.find()
        if found:
            flask.g.session = found
            flask.g.caller = self.find_caller(found.issuer, found.subject)
        return found

    def _who(self) -> tuple[str, str]:
        """The issuer and subject that the present request proves: by its token, else by its session."""
        found = None if _by_token() else self.sessions.find()
        if found is None:
            return self.identify(flask.request.headers.get("Authorization"))
        if flask.request.method not in sessions.SAFE:
            self.sessions.check_sent(found)
        flask.g.session = found
        return found.issuer, found.subject

    def identify(self, authorization: str | None) -> tuple[str, str]:
        """The issuer and subject that an Authorization header proves."""
        if authorization is None:
            raise Unauthenticated("Send an access token: Authorization: Bearer <token>.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("The Authorization header must be: Bearer <token>.", code="token-invalid")
        try:
            return self.tokens.issuer, self.tokens.subject(token.strip())
        except Unauthenticated:
            self._count_refused()
            raise

    def _count_refused(self) -> None:
        """Refuse an address that sends too many wrong tokens to look at; good ones pass all the same."""
        try:
            seconds = self.count(MOST_REFUSED, "token", flask.request.remote_addr or "")
        except TryLater:
            log.warning("refused token not counted", exc_info=True)
            return
        if seconds:
            raise TooMany(
                f"Your address has sent too many tokens that do not count: wait {seconds} s.", seconds
            )


def sessions_of_app() -> Sessions:
    """What reads the sessions of the present application."""
    found: Sessions = flask.current_app.extensions[SESSIONS]
    return found


def recognise() -> SignedIn | None:
    """Who looks at a view that is PUBLIC, when they have signed in; Unauthenticated when their session is over."""
    found: SignedIn | None = flask.current_app.extensions[RECOGNISE]()
    return found


def greet() -> None:
    """Let a view that is PUBLIC show who has signed in; whose session is over is a stranger there."""
    with suppress(Unauthenticated):
        recognise()


def act_as(caller: Caller) -> None:
    """Do the rest of the present request in the name of somebody who has proved who they are."""
    flask.g.caller = caller


def _is_mended_by_signing_in(why: AppError) -> bool:
    return isinstance(why, Unauthenticated) or why.cause_code == sessions.OTHER_PERSON


def _by_token() -> bool:
    return "Authorization" in flask.request.headers


def _allowed() -> Audience | None:
    """Whom the view of the present request declares; None when no view of ours answers it."""
    request = flask.request
    if request.url_rule is None or request.method == "OPTIONS":
        return None
    return declared(flask.current_app, request.url_rule, request.method) or frozenset()


def _admit() -> None:
    """Let the present request pass, or raise Forbidden."""
    allowed = _allowed()
    if allowed is None or {PUBLIC, ANYONE} & allowed:
        return
    if not allowed.intersection(caller().roles):
        raise Forbidden(f"This needs one of the roles: {', '.join(sorted(allowed))}.", code="role-needed")


def caller() -> Caller:
    """Who sent the present request (NOBODY where the view is PUBLIC)."""
    found: Caller = flask.g.get("caller", NOBODY)
    return found
