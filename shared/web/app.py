"""Makes the web application of one service."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import flask
from flask.json.provider import DefaultJSONProvider

from shared.auth.guard import PUBLIC, FindCaller, Guard, audience
from shared.core.canonical import timestamp
from shared.core.people import Caller
from shared.core.settings import Settings
from shared.replicas import members
from shared.storage.mongo import Store
from shared.web import bodies, openapi, parameters, problems, requests
from shared.web.health import Checks, health

WEB = Path(__file__).parent
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
    """The web application of a service, every route below `/<name>`.

    API blueprints (`shared.web.Blueprint`) stand below `/<name>/api/v1`, pages directly below `/<name>`.
    `checks` are what readiness needs beside the database. LookupError names routes without an audience.
    """
    app = flask.Flask(
        name,
        static_folder=WEB / "static",
        static_url_path=f"/{name}/static",
        template_folder=WEB / "templates",
    )
    app.extensions["nilai"] = store
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    app.config["WEB_THREADS"] = settings.web_threads
    app.json = Json(app)
    app.url_map.merge_slashes = False  # a redirect would go to the Host that was sent
    app.view_functions["static"] = audience(PUBLIC)(app.view_functions["static"])
    requests.init_app(app, secure=settings.mode == "production")
    bodies.init_app(app)
    problems.register(app)
    _mount(app, name, blueprints)
    app.register_blueprint(health({"database": store.ping, **(checks or {})}), url_prefix=f"/{name}")
    Guard(settings, _finder(store)).protect(app)
    parameters.init_app(app)
    return app


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
    app.add_url_rule(f"/{name}/", "start", start, strict_slashes=False)


def _finder(store: Store) -> FindCaller:
    def find(issuer: str, subject: str) -> Caller:
        return store.query(members.find_caller, issuer, subject, requests.arrived())

    return find
