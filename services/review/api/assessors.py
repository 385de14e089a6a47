"""Assessors and their conflicts of interest."""

from typing import Any

import flask

from services.review import commands, queries
from services.review.domain import Assessor
from services.review.schemas import AppointmentSchema, AssessorSchema, ConflictsSchema
from shared.auth import audience, caller
from shared.web import (
    IF_MATCH,
    Blueprint,
    PageQuery,
    etag,
    if_match,
    look,
    page,
    page_of,
    position,
    run,
    takes,
)

blp = Blueprint("assessors", __name__, url_prefix="/assessors", description="Who may assess, and whom not.")
MAY_MATCH = {**IF_MATCH, "required": False}
Answer = tuple[Assessor, int, dict[str, str]]


@blp.route("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, page_of(AssessorSchema))
@audience("ministry")
def list_assessors(query: dict[str, Any]) -> dict[str, Any]:
    """The assessors, by id."""
    after = position(query["after"], str)
    rows = look(queries.assessors, str(after[0]) if after else None, query["limit"] + 1)
    return page(rows, lambda one: (one.id,), query["limit"])


@blp.route("/<id>")
@blp.response(200, AssessorSchema)
@audience("ministry", "assessor")
def get_assessor(id: str) -> Answer:
    """One assessor: any for the ministry, itself for an assessor."""
    return _answer(look(queries.assessor, caller(), id))


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(AppointmentSchema)
@blp.response(200, AssessorSchema)
@takes(MAY_MATCH)
@audience("ministry")
def put_assessor(sent: dict[str, Any], id: str) -> Answer:
    """Appoint an assessor, or change what is known of it.

    If-Match is needed when there is one of this id. A new employer opens the tasks held for that agency again.
    """
    return _answer(run(commands.set_assessor, id, sent, _rev()))


@blp.route("/<id>/conflicts", methods=["PUT"])
@blp.arguments(ConflictsSchema)
@blp.response(200, AssessorSchema)
@takes(IF_MATCH)
@audience("ministry", "assessor")
def put_conflicts(sent: dict[str, Any], id: str) -> Answer:
    """Declare conflicts of interest.

    The ministry sends all of them; an assessor sends those that it adds to its own. Tasks held for such an agency
    are open again at once.
    """
    reasons = [(one["agency"], one["reason"]) for one in sent["agencies"]]
    return _answer(run(commands.declare_conflicts, id, reasons, _rev()))


def _rev() -> int | None:
    return if_match() if "If-Match" in flask.request.headers else None


def _answer(one: Assessor) -> Answer:
    return one, 200, {"ETag": etag(one.rev)}
