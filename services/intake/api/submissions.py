"""Sealed submissions, their receipts and proofs."""

from typing import Any

from services.intake import queries
from services.intake.schemas import ProofQuery, ProofSchema, SubmissionSchema
from shared.auth import audience, caller
from shared.people import AGENCY_ROLES
from shared.web import Blueprint, look

blp = Blueprint("submissions", __name__, url_prefix="/submissions", description="What was sealed.")


@blp.route("/<id>")
@blp.response(200, SubmissionSchema)
@audience("ministry", *AGENCY_ROLES)
def submission(id: str) -> dict[str, Any]:
    """A sealed submission with its words."""
    return look(queries.submission_words, caller(), id)


@blp.route("/<id>/receipt")
@blp.response(200)
@audience("ministry", *AGENCY_ROLES)
def receipt(id: str) -> Any:
    """The signed receipt; `verify_receipt.py` checks it offline."""
    return look(queries.submission, caller(), id).receipt


@blp.route("/<id>/proof")
@blp.arguments(ProofQuery, location="query")
@blp.response(200, ProofSchema)
@audience("ministry", *AGENCY_ROLES)
def proof(query: dict[str, Any], id: str) -> dict[str, Any]:
    """The proof that one answer or one file is under the receipt's root."""
    return look(queries.proof, caller(), id, query["answer"], query["file"])
