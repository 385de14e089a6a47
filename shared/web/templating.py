"""Templates: our own, a service's, and GOV.UK's components under `govuk_frontend_jinja`."""

from pathlib import Path

import flask
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from shared.web import formats, instruments, roles, sentences

TEMPLATES = Path(__file__).parent / "templates"


def init_app(app: flask.Flask) -> None:
    """Let the application's templates name GOV.UK's macros, and write numbers and times as the reader's language does.

    A service's blueprints bring their own templates by `template_folder`.
    """
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), components])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(formats.FILTERS)
    app.jinja_env.filters["role"] = roles.role_name
    app.jinja_env.filters["window"] = instruments.window
    app.jinja_env.filters["explained"] = lambda one: sentences.explain(one.code, one.detail)
