"""What the pages of the ministry have in common: their frame, how things are called, and how a list goes on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import flask
from flask_babel import lazy_gettext

from services.intake.pages.home import TEMPLATES
from shared.web.frame import ministry_frame
from shared.web.instruments import said

CYCLES, EDITIONS, AGENCIES = "/intake/cycles", "/intake/editions", "/intake/agencies"
STATES = {
    "answering": lazy_gettext("Answering"),
    "late": lazy_gettext("Answering late"),
    "sealed": lazy_gettext("Sealed, files are coming"),
    "completed": lazy_gettext("Complete"),
    "published": lazy_gettext("Published"),
}
"""How the states of a participation are called, and `late` among them."""
LONGEST_ID = 100
ROWS = 50


def blueprint(name: str) -> flask.Blueprint:
    """A group of pages of the ministry."""
    return flask.Blueprint(f"{name}-pages", __name__, template_folder=str(TEMPLATES))


def render(template: str, here: str, **values: Any) -> str:
    """A page of the ministry; `here` is the place in its navigation."""
    return flask.render_template(
        f"intake/ministry/{template}",
        **ministry_frame(here),
        here_list=here,
        said=said,
        states=STATES,
        **values,
    )


def after() -> str | None:
    """After which id a list goes on, as the address says it."""
    return flask.request.args.get("after", "")[:LONGEST_ID] or None


def address(place: str, said: Mapping[str, str | None], mark: str = "") -> str:
    """A place with what is asked for, as far as something is."""
    asked = urlencode({name: value for name, value in said.items() if value})
    return f"{place}{'?' if asked else ''}{asked}{mark}"
