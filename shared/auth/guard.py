"""Who is asking, and who may: bearer tokens of the identity provider, and an audience declared on every view.

Deny by default: an application with a view that declares no audience is never made.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeVar

import flask
import jwt
from werkzeug.routing import Rule

from shared.auth.jwks import ALGORITHMS, KeySet
from shared.core.errors import Forbidden, Unauthenticated
from shared.core.people import ROLES, Caller
from shared.core.settings import Settings

PUBLIC = "public"
ANYONE = "anyone"
LEEWAY_SECONDS = 10
NOBODY = Caller(issuer="", subject="nobody")

Audience = frozenset[str]
ViewFunction = TypeVar("ViewFunction", bound=Callable[..., Any])
FindCaller = Callable[[str, str], Caller]

_TOKEN_PROBLEMS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "token-expired", "The access token has expired: get a new one."),
    (jwt.ImmatureSignatureError, "token-not-yet-valid", "The access token is not valid yet."),
    (jwt.InvalidIssuerError, "token-wrong-issuer", "The access token is from another identity provider."),
    (jwt.InvalidAudienceError, "token-wrong-audience", "The access token is meant for another system."),
    (jwt.MissingRequiredClaimError, "token-incomplete", "The access token lacks iss, aud, sub or exp."),
    (jwt.InvalidSignatureError, "token-forged", "The signature of the access token does not verify."),
)


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
    """Stands before every view: finds the caller of a request and refuses whom the view did not declare."""

    def __init__(self, settings: Settings, find_caller: FindCaller) -> None:
        self.issuer = settings.oidc_issuer
        self.audience = settings.oidc_audience
        self.keys = KeySet(settings.oidc_issuer, settings.oidc_jwks_url)
        self.find_caller = find_caller

    def protect(self, app: flask.Flask) -> None:
        """Guard all routes of the application; LookupError names those that declare no audience."""
        if missing := undeclared(app):
            raise LookupError("routes without an audience: " + ", ".join(missing))
        app.before_request(self.check)

    def check(self) -> None:
        """Let the present request pass, or raise Unauthenticated or Forbidden."""
        request = flask.request
        if request.url_rule is None or request.method == "OPTIONS":
            return
        allowed = declared(flask.current_app, request.url_rule, request.method) or frozenset()
        if PUBLIC in allowed:
            return
        flask.g.caller = caller = self.find_caller(*self.identify(request.headers.get("Authorization")))
        if ANYONE not in allowed and not allowed.intersection(caller.roles):
            raise Forbidden(f"This needs one of the roles: {', '.join(sorted(allowed))}.", code="role-needed")

    def identify(self, authorization: str | None) -> tuple[str, str]:
        """The issuer and subject that an Authorization header proves."""
        if authorization is None:
            raise Unauthenticated("Send an access token: Authorization: Bearer <token>.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("The Authorization header must be: Bearer <token>.", code="token-invalid")
        try:
            return self.issuer, str(self._claims(token.strip())["sub"])
        except jwt.PyJWTError as error:
            raise _refusal(error) from error

    def _claims(self, token: str) -> dict[str, Any]:
        kid = jwt.get_unverified_header(token).get("kid")
        key = self.keys.find(kid) if kid else None
        if key is None:
            raise Unauthenticated("The access token is signed with an unknown key.", code="token-unknown-key")
        return jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=self.issuer,
            audience=self.audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "sub", "exp"]},
        )


def caller() -> Caller:
    """Who sent the present request (NOBODY where the view is PUBLIC)."""
    found: Caller = flask.g.get("caller", NOBODY)
    return found


def _refusal(error: jwt.PyJWTError) -> Unauthenticated:
    for kind, code, detail in _TOKEN_PROBLEMS:
        if isinstance(error, kind):
            return Unauthenticated(detail, code=code)
    return Unauthenticated("The access token cannot be read.", code="token-invalid")
