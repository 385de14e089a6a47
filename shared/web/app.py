"""Makes the web application of one service."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

import flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.auth.guard import ANYONE, IS_COUNTING, PUBLIC, FindCaller, Guard, audience, caller
from shared.core.canonical import timestamp
from shared.core.people import Caller
from shared.core.settings import Settings
from shared.messaging import heartbeats, monitoring
from shared.replicas import members, sessions
from shared.storage.counters import Counters
from shared.storage.mongo import Store
from shared.web import (
    assets,
    bodies,
    conditions,
    frame,
    gallery,
    language,
    limits,
    openapi,
    parameters,
    problems,
    requests,
    seats,
    statements,
    templating,
)
from shared.web.health import Checks, health

API_VERSION = "1"


class Json(DefaultJSONProvider):
    """Flask's JSON, with members in the order in which they were made and moments as everywhere."""

    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        """What JSON has no type of its own for."""
        return timestamp(value) if isinstance(value, datetime) else DefaultJSONProvider.default(value)


def create_app(
    name: str,
    settings: Settings,
    store: Store,
    blueprints: Iterable[flask.Blueprint] = (),
    checks: Checks | None = None,
) -> flask.Flask:
    """The web application of a service, every route below `/<name>` but the files that pages load.

    API blueprints (`shared.web.Blueprint`) stand below `/<name>/api/v1`, pages directly below `/<name>`.
    `checks` are what readiness needs beside the database. LookupError names routes without an audience.
    """
    app = flask.Flask(name, static_folder=None)
    app.extensions["nilai"] = store
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    app.config["WEB_THREADS"] = settings.web_threads
    app.config["PUBLIC_URL"] = settings.public_url
    app.json = Json(app)
    # The gateway alone says for whom it asks; scheme and host come from settings.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=0, x_host=0)  # type: ignore[method-assign]
    app.url_map.merge_slashes = False  # a redirect would go to the Host that was sent
    requests.init_app(app, secure=settings.mode == "production")
    bodies.init_app(app)
    seats.init_app(app)
    problems.register(app)
    templating.init_app(app)
    language.init_app(app, name, secure=settings.mode == "production")
    frame.init_app(app, name, settings.contact)
    assets.init_app(app)
    _mount(app, name, blueprints)
    for pages in (statements.blueprint(), gallery.blueprint()):
        app.register_blueprint(pages, url_prefix=f"/{name}")
    app.register_blueprint(_health(store, checks or {}), url_prefix=f"/{name}")
    counters = Counters(store)
    limit = partial(limits.init_app, settings=settings, counters=counters)
    _guard(settings, store, counters).protect(app, limit, seats.take)
    parameters.init_app(app)
    conditions.init_app(app)
    return app


def _health(store: Store, checks: Checks) -> flask.Blueprint:
    own: Checks = {"database": store.ping, "queue": partial(monitoring.check_queues, store)}
    return health({**own, **checks}, partial(store.query, heartbeats.find_warnings))


def _mount(app: flask.Flask, name: str, blueprints: Iterable[flask.Blueprint]) -> None:
    api = openapi.create_api(app, name, API_VERSION)
    root = f"/{name}/api/v1"
    for blueprint in blueprints:
        own = blueprint.url_prefix or ""
        if isinstance(blueprint, openapi.Blueprint):
            api.register_blueprint(blueprint, url_prefix=root + own)
        else:
            app.register_blueprint(blueprint, url_prefix=f"/{name}{own}")
    app.register_blueprint(openapi.specification(api), url_prefix=root)
    start = audience(PUBLIC)(lambda: flask.redirect(f"{root}/docs"))
    if not any(rule.rule == f"/{name}/" for rule in app.url_map.iter_rules()):
        app.add_url_rule(f"/{name}/", "start", start, strict_slashes=False)
    # The gateway asks here whether a token counts, before it reads a large body.
    app.add_url_rule(f"/{name}/token", IS_COUNTING, audience(ANYONE)(_say_who))


def _guard(settings: Settings, store: Store, counters: Counters) -> Guard:
    return Guard(settings, _finder(store), counters.hit, lambda sid: store.query(sessions.is_ended, sid))


def _say_who() -> flask.Response:
    """An answer without content that names the caller for the gateway, which counts by that."""
    name = sha256(caller().id.encode()).hexdigest()[:32]
    return flask.Response(status=204, headers={"X-Who": name})


def _finder(store: Store) -> FindCaller:
    def find(issuer: str, subject: str) -> Caller:
        return store.query(members.find_caller, issuer, subject, requests.arrived())

    return find
