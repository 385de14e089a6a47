"""Assessors and their conflicts of interest."""

from typing import Any

from services.review import commands, queries
from services.review.domain import Appointment, Assessor, ConflictsOrder
from services.review.schemas import AppointmentInput, AssessorSchema, ConflictsInput
from shared import web
from shared.auth.guard import audience, caller
from shared.web.fields import PERSON_ID

blp = web.Blueprint(
    "assessors", __name__, url_prefix="/assessors", description="Who may assess, and whom not."
)


@blp.route("")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(AssessorSchema))
@audience("ministry")
def list_assessors(query: dict[str, Any]) -> dict[str, Any]:
    """The assessors, by id."""
    after, limit = web.page_args(query)
    return web.by_id(web.query(queries.list_assessors, after, limit))


@blp.route("/<id>")
@blp.response(200, AssessorSchema)
@audience("ministry", "assessor")
def get_assessor(id: str) -> web.Tagged[Assessor]:
    """One assessor: any for the ministry, itself for an assessor."""
    assessor = web.query(queries.get_assessor, caller(), id)
    return web.tagged(assessor, assessor.rev)


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(AppointmentInput)
@blp.response(201, AssessorSchema)
@blp.response(200, AssessorSchema)
@web.document_headers(web.MAY_MATCH)
@audience("ministry")
def set_assessor(appointment: Appointment, id: str) -> web.Versioned[Assessor]:
    """Appoint somebody else as an assessor (201), or change the version that If-Match names.

    A new employer opens the tasks held for that agency again, an end of the appointment all of them. An employer that
    it had stays among its conflicts of interest. Nobody appoints themselves.
    """
    assessor = web.run(commands.set_assessor, web.checked(id, PERSON_ID), appointment, web.seen())
    return web.versioned(assessor, assessor.rev)


@blp.route("/<id>/conflicts", methods=["PUT"])
@blp.arguments(ConflictsInput)
@blp.response(200, AssessorSchema)
@web.document_headers(web.MAY_MATCH)
@audience("ministry", "assessor")
def declare_conflicts(order: ConflictsOrder, id: str) -> web.Tagged[Assessor]:
    """Declare conflicts of interest.

    The ministry sends all of them, and with `reason` why it takes back or rewrites any; an assessor sends those that
    it adds to its own. Tasks held for such an agency are open again at once.
    """
    assessor = web.run(commands.declare_conflicts, id, order, web.seen())
    return web.tagged(assessor, assessor.rev)
