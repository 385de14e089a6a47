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
    declared = guard.view_documentation(flask.current_app, request.url_rule, request.method)
    known = _known(declared)
    unknown = [name for name in request.args if name not in known]
    if unknown and "name" in declared:
        choice = f"it knows: {', '.join(known)}" if known else "it knows none"
        raise BadRequest(
            f"This address knows no parameter {unknown[0][:80]!r}; {choice}.",
            "unknown-parameter",
            {"known": known},
        )


def _known(declared: Mapping[str, Any]) -> list[str]:
    """The names that a view of the API declares."""
    parameters = declared.get("arguments", {}).get("parameters", ())
    schemas = [parameter["schema"] for parameter in parameters if parameter["in"] == "query"]
    made = [schema() if isinstance(schema, type) else schema for schema in schemas]
    return sorted(field.data_key or name for schema in made for name, field in schema.fields.items())
