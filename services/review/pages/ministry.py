"""What the pages of the ministry have in common here: their frame, and how a list goes on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask

from services.review.pages.standing import STATES, TINTS
from shared.web.frame import ministry_frame
from shared.web.instruments import said

TEMPLATES = Path(__file__).parents[1] / "templates"
ASSESSORS, CASES = "/review/assessors", "/review/cases"
LONGEST_ID, LONGEST_SEARCH = 100, 100
ROWS = 50


def blueprint(name: str) -> flask.Blueprint:
    """A group of pages."""
    return flask.Blueprint(f"{name}-pages", __name__, template_folder=str(TEMPLATES))


def render(template: str, here: str, **values: Any) -> str:
    """A page of the ministry; `here` is the place in its navigation."""
    return flask.render_template(
        f"review/ministry/{template}",
        **ministry_frame(here),
        said=said,
        states=STATES,
        tints=TINTS,
        **values,
    )


def after() -> str | None:
    """After which id a list goes on, as the address says it."""
    return flask.request.args.get("after", "")[:LONGEST_ID] or None


def sought() -> str:
    """The words that are looked for."""
    return flask.request.args.get("q", "").strip()[:LONGEST_SEARCH]


def address(place: str, asked: Mapping[str, str | None]) -> str:
    """A place with what is asked for, as far as something is."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{place}?{query}" if query else place
