"""Participations: one agency in one cycle."""

from typing import Any

from services.intake import commands, queries
from services.intake.domain import Extension, Participation
from services.intake.schemas import ExtensionBody, ParticipationBody, ParticipationQuery, ParticipationSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict
from shared.core.people import AGENCY_ROLES
from shared.web.fields import AGENCY_ID, CYCLE_ID

blp = web.Blueprint(
    "participations", __name__, url_prefix="/participations", description="One agency in one cycle."
)


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(ParticipationBody)
@blp.response(201, ParticipationSchema)
@blp.response(200, ParticipationSchema)
@web.document_headers(web.MAY_MATCH)
@audience("ministry")
def set_participation(body: dict[str, Any], id: str) -> web.Versioned[dict[str, Any]]:
    """Have an agency take part (201), or change how; the id is CYCLE.AGENCY."""
    cycle, _, agency = web.checked(id, rf"{CYCLE_ID}\.{AGENCY_ID}").partition(".")
    wanted = Participation(id=id, cycle=cycle, agency=agency, **body)
    participation = web.run(commands.set_participation, wanted, web.seen())
    return web.versioned(web.query(queries.participation, caller(), id), participation.rev)


@blp.route("/<id>/extension", methods=["POST"])
@blp.arguments(ExtensionBody)
@blp.response(200, ParticipationSchema)
@web.document_errors(Conflict)
@audience("ministry")
def extend(body: dict[str, Any], id: str) -> web.Tagged[dict[str, Any]]:
    """Give an agency more time; after its seal, more time for its bytes."""
    web.run(commands.extend, id, Extension(**body))
    return _shown(id)


@blp.route("")
@blp.arguments(ParticipationQuery, location="query")
@blp.response(200, web.page_of(ParticipationSchema))
@audience("ministry", *AGENCY_ROLES)
def list_participations(query: dict[str, Any]) -> dict[str, Any]:
    """Who takes part: all for the ministry, their own for an agency's people."""
    where = {name: query[name] for name in ("cycle", "agency")}
    after, limit = web.page_args(query)
    rows = web.query(queries.participations, caller(), where, after, limit)
    return web.by_id(rows, query, lambda row: str(row["of"].id))


@blp.route("/<id>")
@blp.response(200, ParticipationSchema)
@audience("ministry", *AGENCY_ROLES)
def get_participation(id: str) -> web.Tagged[dict[str, Any]]:
    """One participation: windows, state, and how far its case is."""
    return _shown(id)


def _shown(id: str) -> web.Tagged[dict[str, Any]]:
    shown = web.query(queries.participation, caller(), id)
    return web.tagged(shown, shown["of"].rev)
