"""Participations: one agency in one cycle."""

from typing import Any

from services.intake import commands, queries
from services.intake.api.answering import after_id, by_id, seen, split, versioned
from services.intake.domain import Extension, Participation
from services.intake.schemas import ExtensionBody, ParticipationBody, ParticipationQuery, ParticipationSchema
from shared.auth import audience, caller
from shared.people import AGENCY_ROLES
from shared.web import IF_MATCH, Blueprint, etag, look, page_of, run, takes

blp = Blueprint(
    "participations", __name__, url_prefix="/participations", description="One agency in one cycle."
)


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(ParticipationBody)
@blp.response(200, ParticipationSchema)
@takes(IF_MATCH | {"required": False})
@audience("ministry")
def set_participation(body: dict[str, Any], id: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Have an agency take part (201), or change how; the id is CYCLE.AGENCY."""
    cycle, agency = split(id)
    wanted = Participation(id=id, cycle=cycle, agency=agency, **body)
    set_ = run(commands.set_participation, wanted, seen())
    return versioned(look(queries.participation, caller(), id), set_.rev)


@blp.route("/<id>/extension", methods=["POST"])
@blp.arguments(ExtensionBody)
@blp.response(200, ParticipationSchema)
@audience("ministry")
def extend(body: dict[str, Any], id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Give an agency more time; after its seal, more time for its bytes."""
    run(commands.extend, id, Extension(**body))
    return _shown(id)


@blp.route("")
@blp.arguments(ParticipationQuery, location="query")
@blp.response(200, page_of(ParticipationSchema))
@audience("ministry", *AGENCY_ROLES)
def participations(query: dict[str, Any]) -> dict[str, Any]:
    """Who takes part: all for the ministry, their own for an agency's people."""
    where = {name: query[name] for name in ("cycle", "agency")}
    rows = look(queries.participations, caller(), where, after_id(query), query["limit"])
    return by_id(rows, query, lambda row: str(row["of"].id))


@blp.route("/<id>")
@blp.response(200, ParticipationSchema)
@audience("ministry", *AGENCY_ROLES)
def participation(id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """One participation: windows, state, and how far its case is."""
    return _shown(id)


def _shown(id: str) -> tuple[dict[str, Any], dict[str, str]]:
    shown = look(queries.participation, caller(), id)
    return shown, {"ETag": etag(shown["of"].rev)}
