"""The scores of a cycle for the ministry, and one submission's with all that they come from."""

from collections.abc import Mapping

import flask
from flask_babel import gettext

from services.scoring import queries
from services.scoring.domain import BY_CHANGE, BY_INDEX, BY_NAME, FINAL, SELF, CaseFilter, Score, depths_of
from services.scoring.pages.frame import SCORES, TEMPLATES, address, render_for_ministry, sliced
from services.scoring.queries import CaseView, ScoredRound
from shared import web
from shared.auth.guard import audience
from shared.web.carried import check_address, check_code
from shared.web.instruments import rising, said

pages = flask.Blueprint("score-pages", __name__, template_folder=str(TEMPLATES))


@pages.get("/scores")
@audience("ministry")
def scores() -> str:
    """The submissions of a cycle with their indices, searched and filtered, page by page, to be decided on."""
    args = flask.request.args
    wanted = CaseFilter.of(args)
    found = web.query(queries.find_scored_round, args.get("cycle") or None, wanted)
    return render_for_ministry("scores.html", found=found, **(_listed(found, wanted) if found else {}))


@pages.get("/scores/<submission>")
@audience("ministry")
def score(submission: str) -> str:
    """One submission: the values of every stage with the indices that follow, and what was decided."""
    found = web.query(queries.get_case, submission)
    receipt = found.result.receipt if found.result else None
    of_cycle = address(SCORES, {"cycle": found.cycle.id})
    return render_for_ministry(
        "score.html",
        breadcrumbs=[
            {"text": gettext("Results"), "href": SCORES},
            {"text": found.cycle.title, "href": of_cycle},
        ],
        found=found,
        said=said,
        columns=_columns(found),
        nodes=list(found.edition.walk()),
        depths=depths_of(found.edition),
        index={stage: _indices(score) for stage, score in found.scores.items()},
        origins={stage: _origins(score) for stage, score in found.scores.items()},
        names=_predicates(found),
        check=check_address(receipt) if receipt else "",
        qr=check_code(receipt) if receipt else "",
    )


def _columns(found: CaseView) -> dict[str, str]:
    """The stages that are over, with their names, the final score at the end."""
    names = {code: said(name) for code, name in found.stages.items() if code in found.scores}
    return {**names, FINAL: gettext("Final")} if FINAL in found.scores else names


def _indices(score: Score) -> Mapping[str, str]:
    return {node.code: node.index for node in score.nodes}


def _origins(score: Score) -> Mapping[str, str]:
    return {node.code: node.origin for node in score.nodes}


def _predicates(found: CaseView | ScoredRound) -> dict[str, str]:
    return {band.name["id"]: said(band.name) for band in rising(found.edition)[::-1]}


def _listed(found: ScoredRound, wanted: CaseFilter) -> dict[str, object]:
    """The page of the list that is asked for, and where its neighbours and its narrower lists lie."""
    shown = sliced(found.listing.rows)

    def place(**changes: str) -> str:
        asked = {"cycle": found.cycle.id, "name": wanted.words, "group": wanted.group}
        asked |= {"predicate": wanted.predicate, "state": wanted.state}
        asked |= {"sort": wanted.order if wanted.order != BY_NAME else ""}
        return address(SCORES, asked | changes)

    return {
        "wanted": wanted,
        "rows": shown.rows,
        "cycles": [(one.id, one.title) for one in found.cycles],
        "groups": [(group, group) for group in found.listing.groups],
        "names": _predicates(found),
        "orders": (
            (BY_NAME, gettext("Name")),
            (BY_INDEX, gettext("Highest index first")),
            (BY_CHANGE, gettext("Largest gain first")),
        ),
        "columns": {code: said(name) for code, name in found.stages.items()},
        "own": SELF,
        "page": shown.page,
        "last": shown.last,
        "before": place(page=str(shown.page - 1)) if shown.page > 1 else "",
        "after": place(page=str(shown.page + 1)) if shown.page < shown.last else "",
        "address": place,
    }
