"""How often somebody may ask: each person at each route, and what is counted over all processes of the service."""

from collections.abc import Callable
from math import ceil

import flask
from flask_limiter import Limiter, RequestLimit

from shared.auth import guard
from shared.core.errors import TooMany
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.storage.counters import Counters

_WAIT = "Send it again in {} s; a program should space its requests out."


def counted(limit: str) -> Callable[[guard.ViewFunction], guard.ViewFunction]:
    """Let each person pass a view so often ("60/minute") over all processes of the service."""
    return lambda view: guard.annotate(view, counted=limit)


def init_app(app: flask.Flask, settings: Settings, counters: Counters) -> None:
    """Bound how often each person passes; to be called when the guard has found out who that is.

    Each process counts the requests of a person at a route by itself.
    """
    limiter = Limiter(
        lambda: guard.caller().id,
        default_limits=[f"{settings.person_requests}/minute"],
        default_limits_per_method=True,
        default_limits_exempt_when=lambda: guard.caller() is guard.NOBODY,
        storage_uri="memory://",
        on_breach=_refuse,
    )
    limiter.init_app(app)
    app.before_request(lambda: _count(counters))


def _refuse(limit: RequestLimit) -> None:
    seconds = max(1, ceil(limit.window.reset_time - utcnow().timestamp()))
    raise TooMany(
        f"You have sent {limit.limit.amount} such requests within a minute. {_WAIT.format(seconds)}", seconds
    )


def _count(counters: Counters) -> None:
    """Count the present request over all processes, where its view is declared `counted`."""
    request = flask.request
    if request.url_rule is None:
        return
    view = guard.view_documentation(flask.current_app, request.url_rule, request.method)
    limit = view.get("counted")
    if limit and (seconds := counters.hit(limit, str(view.get("name", request.endpoint)), guard.caller().id)):
        raise TooMany(f"This may be done {limit.replace('/', ' times a ')}. {_WAIT.format(seconds)}", seconds)
