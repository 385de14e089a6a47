"""What the pages of scoring have in common: where they lie, who is led where, and how lists are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import flask
from flask_babel import gettext, lazy_gettext

from shared.auth.guard import caller
from shared.core import reading
from shared.core.people import AGENCY_ROLES
from shared.web.carried import CHECK
from shared.web.frame import ministry_frame

TEMPLATES = Path(__file__).parents[1] / "templates"
PLACE, OWN, SCORES, DECISIONS = "/scoring/results", "/scoring/own", "/scoring/scores", "/scoring/decisions"
ROWS = 50
STATES = {
    "waiting": lazy_gettext("Waiting for review"),
    "computed": lazy_gettext("Scored"),
    "approved": lazy_gettext("Approved"),
    "published": lazy_gettext("Published"),
}
"""How far a submission is on its way to publication."""
Row = TypeVar("Row")


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """One page of a list that is at hand: its rows, its number, and the last one's."""

    rows: Sequence[Row]
    page: int
    last: int


def sliced(rows: Sequence[Row]) -> Slice[Row]:
    """The page of a list that the address asks for, or the nearest one that there is."""
    last = max(1, -(-len(rows) // ROWS))
    page = min(max(1, reading.whole(flask.request.args.get("page", "")) or 1), last)
    return Slice(rows[(page - 1) * ROWS : page * ROWS], page, last)


def address(place: str, said: Mapping[str, str]) -> str:
    """A place with what is asked for, as far as something is."""
    asked = urlencode({name: value for name, value in said.items() if value})
    return f"{place}?{asked}" if asked else place


def navigation(here: str = PLACE) -> list[dict[str, Any]]:
    """The pages for everybody, and for an agency's people their own, with where somebody is."""
    places = [(PLACE, gettext("Published results")), (CHECK, gettext("Check a receipt"))]
    if caller().has(*AGENCY_ROLES):
        places[:0] = [("/", gettext("Home")), (OWN, gettext("Our results"))]
    return [{"text": text, "href": href, "active": href == here} for href, text in places]


def render_for_ministry(template: str, **values: Any) -> str:
    """A page of the ministry."""
    return flask.render_template(
        f"scoring/{template}",
        **ministry_frame(SCORES),
        states=STATES,
        **values,
    )
