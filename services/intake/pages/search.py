"""What was found, on a page."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import flask
from flask_babel import gettext, lazy_gettext
from marshmallow import ValidationError

from services.intake import queries
from services.intake.domain.search import Hit
from services.intake.pages.workspace import TEMPLATES, address
from services.intake.schemas import SearchQuery
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES
from shared.web.frame import ministry_frame
from shared.web.language import chosen

blp = flask.Blueprint("search-pages", __name__, template_folder=str(TEMPLATES))
KINDS = {
    "indicator": lazy_gettext("Indicators"),
    "answer": lazy_gettext("Your answers"),
    "file": lazy_gettext("Evidence files"),
    "comment": lazy_gettext("Comments"),
    "agency": lazy_gettext("Agencies"),
    "person": lazy_gettext("People"),
}
PLACE = "/intake/search"
PLACES = {"file": "#evidence", "comment": "#comments"}


@blp.get(PLACE.removeprefix("/intake"))
@audience("ministry", *AGENCY_ROLES)
def results() -> flask.typing.ResponseReturnValue:
    """What says all the words, kind by kind.

    Another site that leads a browser here learns nothing from how long the page is, or takes: it is empty.
    """
    if flask.request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return _page("", here=PLACE)
    asked = flask.request.args.get("q", "").strip()
    try:
        words = SearchQuery().load({"q": asked})["q"] if asked else ""
    except ValidationError:
        return _page(asked, problem=True), HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(asked, found=web.query(queries.find_all, caller(), words, chosen()))


def _page(asked: str, **values: Any) -> str:
    return flask.render_template(
        "intake/search.html", search_words=asked, kinds=KINDS, place=_place, **_frame(), **values
    )


def _frame() -> dict[str, Any]:
    """The reader's own pages around what was found, so that a search is no way out of them."""
    if caller().has("ministry"):
        return ministry_frame(PLACE)
    return {"navigation": [{"text": gettext("Home"), "href": "/intake/"}]}


def _place(hit: Hit) -> str:
    if hit.participation and hit.indicator:
        return address(hit.participation, "indicators", hit.indicator) + PLACES.get(hit.kind, "")
    if hit.participation:
        return f"/intake/api/v1/evidence/{hit.participation}/{hit.id}"
    if hit.kind == "agency":
        return f"/intake/agencies/{hit.id}"
    return f"/intake/people?who={quote(hit.text)}#known"
