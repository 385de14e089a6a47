"""Results: to read, and the ministry's two decisions on each."""

from typing import Any

import flask

from services.scoring import commands, queries
from services.scoring.domain import DecisionOrder, Result, ResultFilter
from services.scoring.schemas import DecisionInput, ResultQuery, ResultSchema, ResultSummarySchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict
from shared.core.people import AGENCY_ROLES
from shared.signing.keys import KeyRing
from shared.web.fields import RECEIPT

blp = web.Blueprint("results", __name__, url_prefix="/results", description="Final scores, published.")


@blp.route("")
@blp.arguments(ResultQuery, location="query")
@blp.response(200, web.page_of(ResultSummarySchema))
@audience("ministry", *AGENCY_ROLES)
def list_results(query: dict[str, Any]) -> dict[str, Any]:
    """The results that the caller may see, oldest submission first; an agency sees its published ones."""
    wanted = ResultFilter.of(query["agency"], query["cycle"])
    return web.by_id(web.query(queries.list_results, caller(), wanted, *web.page_args(query)))


@blp.route("/<submission>")
@blp.response(200, ResultSchema)
@audience("ministry", *AGENCY_ROLES)
def get_result(submission: str) -> web.Tagged[Result]:
    """One result with every node's index."""
    return _tagged(web.query(queries.get_result, caller(), submission))


@blp.route("/<submission>/receipt")
@blp.response(200, RECEIPT)
@audience("ministry", *AGENCY_ROLES)
def get_receipt(submission: str) -> flask.Response:
    """The signed receipt of a published result, as `verify_receipt.py` reads it."""
    return flask.jsonify(web.query(queries.get_receipt, caller(), submission))


def decisions(ring: KeyRing) -> web.Blueprint:
    """The ministry's two decisions on a result, by two officers.

    Each is made once; the same again gives the same answer, another one is refused.
    """
    blp = web.Blueprint(
        "decisions", __name__, url_prefix="/results", description="What the ministry decides."
    )

    @blp.route("/<submission>/approve", methods=["POST"])
    @blp.arguments(DecisionInput)
    @blp.response(200, ResultSchema)
    @web.document_errors(Conflict)
    @audience("ministry")
    def approve_result(order: DecisionOrder, submission: str) -> web.Tagged[Result]:
        """Approve a final score for publication; who had a part in its case or its agency does not."""
        return _tagged(web.run(commands.approve, submission, order))

    @blp.route("/<submission>/publish", methods=["POST"])
    @blp.arguments(DecisionInput)
    @blp.response(200, ResultSchema)
    @web.document_errors(Conflict)
    @audience("ministry")
    def publish_result(order: DecisionOrder, submission: str) -> web.Tagged[Result]:
        """Publish what another officer approved: its receipt is signed, and the event goes to all who listen.

        Who had a part in its case or its agency does not.
        """
        return _tagged(web.run(commands.publish, submission, order, ring))

    return blp


def _tagged(result: Result) -> web.Tagged[Result]:
    return web.tagged(result, result.rev)
