"""Participations: one agency in one cycle."""

from collections.abc import Sequence
from typing import Any

from services.intake import commands, queries
from services.intake.domain import Extension, ParticipationFilter, ParticipationOrder, ParticipationView
from services.intake.domain.extensions import Extended, ExtensionOrder
from services.intake.queries import participations
from services.intake.schemas import (
    ExtensionInput,
    ParticipationInput,
    ParticipationQuery,
    ParticipationSchema,
)
from services.intake.schemas.rounds import ExtensionsDoneSchema, ExtensionsInput, ExtensionsSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict
from shared.core.people import AGENCY_ROLES
from shared.web.fields import PARTICIPATION_ID

blp = web.Blueprint(
    "participations", __name__, url_prefix="/participations", description="One agency in one cycle."
)


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(ParticipationInput)
@blp.response(201, ParticipationSchema)
@blp.response(200, ParticipationSchema)
@web.document_headers(web.MAY_MATCH)
@audience("ministry")
def set_participation(order: ParticipationOrder, id: str) -> web.Versioned[ParticipationView]:
    """Have an agency take part (201), or change how; the id is CYCLE.AGENCY."""
    wanted = order.of(web.checked(id, PARTICIPATION_ID))
    participation = web.run(commands.set_participation, wanted, web.seen())
    shown = web.query(queries.get_participation, caller(), id)
    return web.versioned(shown, participation.rev, shown.windows)


@blp.route("/<id>/extension", methods=["POST"])
@blp.arguments(ExtensionInput)
@blp.response(200, ParticipationSchema)
@web.document_errors(Conflict)
@audience("ministry")
def extend(extension: Extension, id: str) -> web.Tagged[ParticipationView]:
    """Give an agency more time; after its seal, more time for its bytes."""
    web.run(commands.extend, id, extension)
    return _shown(id)


@blp.route("/extensions", methods=["POST"])
@blp.arguments(ExtensionsInput)
@blp.response(200, ExtensionsDoneSchema)
@web.document_errors(Conflict)
@audience("ministry")
def extend_several(order: ExtensionOrder) -> dict[str, int]:
    """Give several agencies more time for one reason: all of them, or none."""
    return {"extended": web.run(commands.extend_several, order)}


@blp.route("/<id>/extensions")
@blp.response(200, ExtensionsSchema)
@audience("ministry", *AGENCY_ROLES)
def get_extensions(id: str) -> dict[str, Sequence[Extended]]:
    """What was extended, by whom and why, the last one first."""
    return {"extended": web.query(participations.list_extended, caller(), id)}


@blp.route("")
@blp.arguments(ParticipationQuery, location="query")
@blp.response(200, web.page_of(ParticipationSchema))
@audience("ministry", *AGENCY_ROLES)
def list_participations(query: dict[str, Any]) -> dict[str, Any]:
    """Who takes part: all for the ministry, their own for an agency's people."""
    words = tuple((query["q"] or "").split())
    wanted = ParticipationFilter(query["cycle"], query["agency"], query["state"], words)
    after, limit = web.page_args(query)
    rows = web.query(queries.list_participations, caller(), wanted, after, limit)
    return web.by_id(rows, lambda row: row.participation.id)


@blp.route("/<id>")
@blp.response(200, ParticipationSchema)
@audience("ministry", *AGENCY_ROLES)
def get_participation(id: str) -> web.Tagged[ParticipationView]:
    """One participation: windows, state, and how far its case is."""
    return _shown(id)


def _shown(id: str) -> web.Tagged[ParticipationView]:
    shown = web.query(queries.get_participation, caller(), id)
    return web.tagged(shown, shown.participation.rev, shown.windows)
