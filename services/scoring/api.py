"""The doors of scoring: scores and results to read, and the two decisions on a result."""

from collections.abc import Sequence
from typing import Any

import flask

from services.scoring import commands, queries
from services.scoring.domain import Result, Score, Wanted
from services.scoring.schemas import (
    DecisionBody,
    ResultQuery,
    ResultSchema,
    ResultSummarySchema,
    ScoreQuery,
    ScoreSchema,
    ScoreSummarySchema,
)
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict
from shared.core.people import AGENCY_ROLES
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.storage.mongo import Store
from shared.web.fields import RECEIPT

READERS = ("ministry", *AGENCY_ROLES)


def blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """The API, with the keys to sign a publication."""
    return [scores, results, decisions(KeyRing.load(settings.keys, settings.service))]


scores = web.Blueprint("scores", __name__, url_prefix="/scores", description="Computed indices.")
results = web.Blueprint("results", __name__, url_prefix="/results", description="Final scores, published.")


@scores.route("")
@scores.arguments(ScoreQuery, location="query")
@scores.response(200, web.page_of(ScoreSummarySchema))
@audience(*READERS)
def list_scores(query: dict[str, Any]) -> dict[str, Any]:
    """The scores that the caller may see, oldest submission first; an agency sees its self-assessment's."""
    return _page(queries.scores, query)


@scores.route("/<id>")
@scores.response(200, ScoreSchema)
@audience(*READERS)
def get_score(id: str) -> Score:
    """One score with every node's index, weight and contribution; a final one with its receipt."""
    return web.query(queries.score, caller(), id)


@results.route("")
@results.arguments(ResultQuery, location="query")
@results.response(200, web.page_of(ResultSummarySchema))
@audience(*READERS)
def list_results(query: dict[str, Any]) -> dict[str, Any]:
    """The results that the caller may see, oldest submission first; an agency sees its published ones."""
    return _page(queries.results, query)


@results.route("/<submission>")
@results.response(200, ResultSchema)
@audience(*READERS)
def get_result(submission: str) -> web.Tagged[Result]:
    """One result with every node's index."""
    return _tagged(web.query(queries.result, caller(), submission))


@results.route("/<submission>/receipt")
@results.response(200, RECEIPT)
@audience(*READERS)
def get_receipt(submission: str) -> flask.Response:
    """The signed receipt of a published result, as `verify_receipt.py` reads it."""
    return flask.jsonify(web.query(queries.receipt, caller(), submission))


def decisions(ring: KeyRing) -> web.Blueprint:
    """The ministry's two decisions on a result; each is made once, and again gives the same answer."""
    blp = web.Blueprint(
        "decisions", __name__, url_prefix="/results", description="What the ministry decides."
    )

    @blp.route("/<submission>/approve", methods=["POST"])
    @blp.arguments(DecisionBody)
    @blp.response(200, ResultSchema)
    @audience("ministry")
    def approve_result(body: dict[str, Any], submission: str) -> web.Tagged[Result]:
        """Approve a final score for publication."""
        return _tagged(web.run(commands.approve, submission, body["note"]))

    @blp.route("/<submission>/publish", methods=["POST"])
    @blp.arguments(DecisionBody)
    @blp.response(200, ResultSchema)
    @web.document_errors(Conflict)
    @audience("ministry")
    def publish_result(body: dict[str, Any], submission: str) -> web.Tagged[Result]:
        """Publish an approved result: its receipt is signed, and everybody who listens is told."""
        return _tagged(web.run(commands.publish, submission, body["note"], ring))

    return blp


def _page(rows: Any, query: dict[str, Any]) -> dict[str, Any]:
    after, limit = web.page_args(query)
    agencies = frozenset([query["agency"]]) if query["agency"] else None
    wanted = Wanted(agencies, query["cycle"], after, limit, query.get("stage"))
    return web.by_id(web.query(rows, caller(), wanted), query)


def _tagged(one: Result) -> web.Tagged[Result]:
    return web.tagged(one, one.rev)
