"""What everybody may see: the published results of a cycle, and each of them."""

from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
from flask_babel import gettext

from services.scoring import queries
from services.scoring.domain import BY_INDEX, BY_NAME, PublicationFilter
from services.scoring.queries import PublishedResult, PublishedRound
from shared import web
from shared.auth import guard
from shared.auth.guard import PUBLIC, audience
from shared.core import reading
from shared.core.canonical import canonical, parse_timestamp
from shared.web.instruments import groups, highest, radar, reach, rising, said, scale

TEMPLATES = Path(__file__).parents[1] / "templates"
PLACE, CHECK = "/scoring/results", "/scoring/check"
ROWS = 50

pages = flask.Blueprint("publications", __name__, template_folder=str(TEMPLATES))
pages.before_request(guard.greet)


@pages.get("/results")
@audience(PUBLIC)
def results() -> str:
    """The published results of a cycle, searched and filtered, page by page."""
    args = flask.request.args
    wanted = PublicationFilter.of(args)
    found = web.query(queries.find_published_round, args.get("cycle") or None, wanted)
    listed = _listed(found, wanted) if found else {}
    return flask.render_template("scoring/results.html", navigation=navigation(), found=found, **listed)


@pages.get("/results/<submission>")
@audience(PUBLIC)
def result(submission: str) -> str:
    """A published result: its index, the values that it comes from, who decided, and how to check it."""
    found = web.query(queries.get_published_result, submission)
    edition, score = found.edition, found.result.score
    index = {node.code: node.index for node in score.nodes}
    return flask.render_template(
        "scoring/result.html",
        navigation=navigation(),
        breadcrumbs=_path(found),
        found=found,
        decided=[(one["what"], one["by"], parse_timestamp(one["at"])) for one in _decided(found)],
        carried=urlsafe_b64encode(canonical(found.result.receipt)).decode().rstrip("="),
        band=next(band for band in edition.bands if band.name["id"] == score.predicate),
        index=index,
        parts=[node for node in edition.walk() if node.children],
        groups=list(groups(edition)),
        most=highest(edition),
        radar=radar(edition, {code: float(value) for code, value in index.items()}),
        scale=scale(edition, float(score.index)),
        said=said,
        reach=reach,
    )


@pages.get("/results/<submission>/receipt")
@audience(PUBLIC)
def receipt(submission: str) -> flask.Response:
    """The signed receipt of a published result, as `verify_receipt.py` reads it."""
    return flask.jsonify(web.query(queries.get_published_receipt, submission))


def _decided(found: PublishedResult) -> list[dict[str, str]]:
    return list((found.result.receipt or {}).get("decided", ()))


def _path(found: PublishedResult) -> list[dict[str, str]]:
    """The lists in which a result stands, from the widest."""
    of_cycle = {"cycle": found.cycle.id}
    lists = [(found.cycle.title, of_cycle), (found.group, of_cycle | {"group": found.group})]
    return [{"text": text, "href": f"{PLACE}?{urlencode(said)}"} for text, said in lists if text]


def navigation(here: str = PLACE) -> list[dict[str, Any]]:
    """The pages for everybody, with where somebody is."""
    places = ((PLACE, gettext("Results")), (CHECK, gettext("Check a receipt")))
    return [{"text": text, "href": href, "active": href == here} for href, text in places]


def _listed(found: PublishedRound, wanted: PublicationFilter) -> dict[str, Any]:
    """The page of the list that is asked for, and where its neighbours and its narrower lists lie."""
    rows = found.listing.rows
    last = max(1, -(-len(rows) // ROWS))
    page = min(max(1, reading.whole(flask.request.args.get("page", "")) or 1), last)

    def address(**changes: str) -> str:
        return _address(found.cycle.id, wanted, **changes)

    bands = rising(found.edition)[::-1]
    return {
        "wanted": wanted,
        "rows": rows[(page - 1) * ROWS : page * ROWS],
        "cycles": [(one.id, one.title) for one in found.cycles],
        "groups": [(group, group) for group in found.listing.groups],
        "names": {band.name["id"]: said(band.name) for band in bands},
        "orders": ((BY_INDEX, gettext("Highest index first")), (BY_NAME, gettext("Name"))),
        "most": max(found.listing.counts.values(), default=0),
        "page": page,
        "last": last,
        "before": address(page=str(page - 1)) if page > 1 else "",
        "after": address(page=str(page + 1)) if page < last else "",
        "address": address,
    }


def _address(cycle: str, wanted: PublicationFilter, **changes: str) -> str:
    """Where a list lies, with all else that was asked for."""
    said = {"cycle": cycle, "name": wanted.words, "group": wanted.group, "predicate": wanted.predicate}
    said |= {"sort": wanted.order if wanted.order != BY_INDEX else ""} | changes
    return f"{PLACE}?{urlencode({name: value for name, value in said.items() if value})}"
