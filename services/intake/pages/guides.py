"""The guides: what people of each role do, in order; for everybody, in the reader's language."""

import flask
from flask_babel import gettext

from services.intake.pages.home import TEMPLATES
from shared.auth import guard
from shared.auth.guard import PUBLIC, audience
from shared.core.errors import NotFound
from shared.web import frame
from shared.web.language import chosen
from shared.web.markdown import read_guide

START = "index"
GUIDES = ("agency", "assessor", "ministry", "public", "roles", "glossary", "webhooks", "operator")
"""In the order in which they are listed."""

pages = flask.Blueprint("guides", __name__, template_folder=str(TEMPLATES))
pages.before_request(guard.greet)


@pages.get("/guides/", strict_slashes=False)
@audience(PUBLIC)
def start() -> str:
    """Which guides there are, and for whom."""
    return _page(START)


@pages.get("/guides/<name>")
@audience(PUBLIC)
def show(name: str) -> str:
    """One guide."""
    if name not in GUIDES:
        raise NotFound("There is no such guide; /intake/guides/ lists those that there are.")
    return _page(name)


def _page(name: str) -> str:
    guide = read_guide(chosen(), name)
    above = [{"text": gettext("Guides"), "href": frame.GUIDES}, {"text": guide.title}]
    return flask.render_template(
        "intake/guide.html",
        guide=guide,
        breadcrumbs=above if name != START else None,
        others=[
            {"text": read_guide(chosen(), one).title, "href": f"{frame.GUIDES}{one}", "here": one == name}
            for one in GUIDES
        ],
    )
