"""The pages that every page's foot leads to: help, privacy, cookies, accessibility."""

import flask

from shared.auth import guard
from shared.auth.guard import PUBLIC, audience

STATEMENTS = ("help", "privacy", "cookies", "accessibility")


def blueprint() -> flask.Blueprint:
    """The pages, which everybody may read."""
    pages = flask.Blueprint("statements", __name__)
    for name in STATEMENTS:
        pages.add_url_rule(f"/{name}", name, _view(name))
    return pages


def _view(name: str) -> flask.typing.RouteCallable:
    @audience(PUBLIC)
    def statement() -> str:
        guard.greet()
        return flask.render_template(f"statements/{name}.html")

    return statement
