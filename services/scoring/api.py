"""The doors of scoring: scores and results to read, and the two decisions on a result."""

from collections.abc import Mapping
from typing import Any

import flask

from services.scoring import commands, queries
from services.scoring.domain import Result, Score, Wanted
from services.scoring.schemas import (
    DecisionBody,
    ResultPage,
    ResultQuery,
    ResultSchema,
    ScorePage,
    ScoreQuery,
    ScoreSchema,
)
from shared import web
from shared.auth import audience, caller
from shared.keys import KeyRing
from shared.mongo import Store
from shared.people import AGENCY_ROLES
from shared.settings import Settings

Answer = tuple[Result, Mapping[str, str]]

READERS = ("ministry", *AGENCY_ROLES)


def doors(settings: Settings, store: Store) -> list[flask.Blueprint]:
    """The API, with the keys to sign a publication."""
    return [scores, results, decisions(KeyRing.load(settings.keys, settings.service))]


scores = web.Blueprint("scores", __name__, url_prefix="/scores", description="Computed indices.")
results = web.Blueprint("results", __name__, url_prefix="/results", description="Final scores, published.")


@scores.route("")
@audience(*READERS)
@scores.arguments(ScoreQuery, location="query")
@scores.response(200, ScorePage)
def list_scores(query: dict[str, Any]) -> dict[str, Any]:
    """The scores that the caller may see, oldest submission first; an agency sees its self-assessment's."""
    return _page(queries.scores, query)


@scores.route("/<id>")
@audience(*READERS)
@scores.response(200, ScoreSchema)
def show_score(id: str) -> Score:
    """One score with every node's index, weight and contribution; a final one with its receipt."""
    return web.look(queries.score, caller(), id)


@results.route("")
@audience(*READERS)
@results.arguments(ResultQuery, location="query")
@results.response(200, ResultPage)
def list_results(query: dict[str, Any]) -> dict[str, Any]:
    """The results that the caller may see, oldest submission first; an agency sees its published ones."""
    return _page(queries.results, query)


@results.route("/<submission>")
@audience(*READERS)
@results.response(200, ResultSchema)
def show_result(submission: str) -> Answer:
    """One result with every node's index."""
    return _versioned(web.look(queries.result, caller(), submission))


@results.route("/<submission>/receipt")
@audience(*READERS)
@results.response(200)
def show_receipt(submission: str) -> flask.Response:
    """The signed receipt of a published result, as `verify_receipt.py` reads it."""
    return flask.jsonify(web.look(queries.receipt, caller(), submission))


def decisions(ring: KeyRing) -> web.Blueprint:
    """The ministry's two decisions on a result; each is made once, and again gives the same answer."""
    blueprint = web.Blueprint("decisions", __name__, url_prefix="/results")

    @blueprint.route("/<submission>/approve", methods=["POST"])
    @audience("ministry")
    @blueprint.arguments(DecisionBody)
    @blueprint.response(200, ResultSchema)
    def approve(body: dict[str, Any], submission: str) -> Answer:
        """Approve a final score for publication."""
        return _versioned(web.run(commands.approve, submission, body["note"]))

    @blueprint.route("/<submission>/publish", methods=["POST"])
    @audience("ministry")
    @blueprint.arguments(DecisionBody)
    @blueprint.response(200, ResultSchema)
    def publish(body: dict[str, Any], submission: str) -> Answer:
        """Publish an approved result: its receipt is signed, and everybody who listens is told."""
        return _versioned(web.run(commands.publish, submission, body["note"], ring))

    return blueprint


def _page(query: Any, asked: dict[str, Any]) -> dict[str, Any]:
    position = web.position(asked.pop("after"), str)
    limit, agency = asked.pop("limit"), asked.pop("agency")
    wanted = Wanted(
        agencies=frozenset([agency]) if agency else None,
        after=str(position[0]) if position else None,
        limit=limit + 1,
        **asked,
    )
    return web.page(web.look(query, caller(), wanted), lambda row: (row.id,), limit)


def _versioned(found: Result) -> Answer:
    return found, {"ETag": web.etag(found.rev)}
