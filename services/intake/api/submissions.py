"""Sealed submissions, their receipts and proofs."""

from typing import Any

import flask

from services.intake import queries
from services.intake.domain import SubmissionView
from services.intake.schemas import ProofQuery, ProofSchema, SubmissionSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES
from shared.web.fields import RECEIPT

blp = web.Blueprint("submissions", __name__, url_prefix="/submissions", description="What was sealed.")


@blp.route("/<id>")
@blp.response(200, SubmissionSchema)
@web.large
@audience("ministry", *AGENCY_ROLES)
def get_submission(id: str) -> SubmissionView:
    """A sealed submission with its explanations."""
    return web.query(queries.get_submission_view, caller(), id)


@blp.route("/<id>/receipt")
@blp.response(200, RECEIPT)
@audience("ministry", *AGENCY_ROLES)
def get_receipt(id: str) -> flask.Response:
    """The signed receipt, as `verify_receipt.py` reads it."""
    return flask.jsonify(web.query(queries.get_submission, caller(), id).receipt)


@blp.route("/<id>/proof")
@blp.arguments(ProofQuery, location="query")
@blp.response(200, ProofSchema)
@audience("ministry", *AGENCY_ROLES)
def get_proof(query: dict[str, Any], id: str) -> dict[str, Any]:
    """The proof that one answer or one file is under the receipt's root."""
    return web.query(queries.get_proof, caller(), id, query["answer"], query["file"])
