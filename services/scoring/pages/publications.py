"""What everybody may see: the published results of a cycle, each of them, and one agency's over the years."""

from collections.abc import Mapping
from typing import Any

import flask
from flask_babel import gettext

from services.scoring import queries
from services.scoring.domain import BY_INDEX, BY_NAME, PublicationFilter, Result
from services.scoring.pages.frame import PLACE, TEMPLATES, address, navigation, sliced
from services.scoring.queries import PublishedResult, PublishedRound
from shared import web
from shared.auth import guard
from shared.auth.guard import PUBLIC, audience
from shared.core.canonical import parse_timestamp
from shared.instrument import Edition
from shared.web.carried import check_address, check_code
from shared.web.instruments import groups, highest, radar, reach, rising, said, scale

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
    return flask.render_template(
        "scoring/result.html",
        navigation=navigation(),
        breadcrumbs=_path(found),
        found=found,
        **shown(found.result, found.edition),
    )


@pages.get("/results/<submission>/receipt")
@audience(PUBLIC)
def receipt(submission: str) -> flask.Response:
    """The signed receipt of a published result, as `verify_receipt.py` reads it."""
    return flask.jsonify(web.query(queries.get_published_receipt, submission))


@pages.get("/agencies/<agency>")
@audience(PUBLIC)
def agency(agency: str) -> str:
    """What is published of one agency, year by year."""
    found = web.query(queries.get_published_years, agency)
    return flask.render_template(
        "scoring/agency.html",
        navigation=navigation(),
        breadcrumbs=[{"text": gettext("Published results"), "href": PLACE}],
        found=found,
        names=predicates(found.editions),
        most=max(map(highest, found.editions.values())),
    )


def predicates(editions: Mapping[str, Edition]) -> Mapping[str, Mapping[str, str]]:
    """How the predicates of each edition are called in the reader's language, by their names in it."""
    return {
        id: {band.name["id"]: said(band.name) for band in edition.bands} for id, edition in editions.items()
    }


def shown(result: Result, edition: Edition) -> Mapping[str, Any]:
    """What a page shows of a published result and its edition."""
    score = result.score
    index = {node.code: node.index for node in score.nodes}
    return {
        "decided": [(one["what"], one["by"], parse_timestamp(one["at"])) for one in _decided(result)],
        "check": check_address(result.receipt),
        "qr": check_code(result.receipt),
        "band": next(band for band in edition.bands if band.name["id"] == score.predicate),
        "index": index,
        "origins": {node.code: node.origin for node in score.nodes},
        "parts": [node for node in edition.walk() if node.children],
        "groups": list(groups(edition)),
        "most": highest(edition),
        "radar": radar(edition, {code: float(value) for code, value in index.items()}),
        "scale": scale(edition, float(score.index)),
        "said": said,
        "reach": reach,
    }


def _decided(result: Result) -> list[dict[str, str]]:
    return list((result.receipt or {}).get("decided", ()))


def _path(found: PublishedResult) -> list[dict[str, str]]:
    """The lists in which a result stands, from the widest."""
    of_cycle = {"cycle": found.cycle.id}
    lists = [(found.cycle.title, of_cycle), (found.group, of_cycle | {"group": found.group})]
    return [{"text": text, "href": address(PLACE, said)} for text, said in lists if text]


def _listed(found: PublishedRound, wanted: PublicationFilter) -> dict[str, Any]:
    """The page of the list that is asked for, and where its neighbours and its narrower lists lie."""
    shown = sliced(found.listing.rows)

    def place(**changes: str) -> str:
        asked = {"cycle": found.cycle.id, "name": wanted.words, "group": wanted.group}
        asked |= {"predicate": wanted.predicate, "sort": wanted.order if wanted.order != BY_INDEX else ""}
        return address(PLACE, asked | changes)

    bands = rising(found.edition)[::-1]
    return {
        "wanted": wanted,
        "rows": shown.rows,
        "cycles": [(one.id, one.title) for one in found.cycles],
        "groups": [(group, group) for group in found.listing.groups],
        "names": {band.name["id"]: said(band.name) for band in bands},
        "orders": ((BY_INDEX, gettext("Highest index first")), (BY_NAME, gettext("Name"))),
        "most": max(found.listing.counts.values(), default=0),
        "page": shown.page,
        "last": shown.last,
        "before": place(page=str(shown.page - 1)) if shown.page > 1 else "",
        "after": place(page=str(shown.page + 1)) if shown.page < shown.last else "",
        "address": place,
    }
