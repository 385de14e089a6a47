"""Parameters of an address: one that a route does not know is refused, since a misspelt one would be passed over."""

from collections.abc import Mapping
from typing import Any

import flask

from shared.auth import guard
from shared.core.errors import BadRequest


def init_app(app: flask.Flask) -> None:
    """Check the parameters of every request to the API, once its caller may call."""
    app.before_request(_check)


def _check() -> None:
    request = flask.request
    if not request.args or request.url_rule is None:
        return
    marks = guard.view_documentation(flask.current_app, request.url_rule, request.method)
    known = _known(marks)
    unknown = [one for one in request.args if one not in known]
    if unknown and "name" in marks:
        choice = f"it knows: {', '.join(known)}" if known else "it knows none"
        raise BadRequest(
            f"This address knows no parameter {unknown[0][:80]!r}; {choice}.",
            "unknown-parameter",
            {"known": known},
        )


def _known(marks: Mapping[str, Any]) -> list[str]:
    """The names that a view of the API declares."""
    declared = marks.get("arguments", {}).get("parameters", ())
    schemas = [one["schema"] for one in declared if one["in"] == "query"]
    made = [one() if isinstance(one, type) else one for one in schemas]
    return sorted(each.data_key or name for one in made for name, each in one.fields.items())
