"""Agencies."""

from typing import Any

import flask

from services.intake import commands, queries
from services.intake.domain import Agency, AgencyDetails
from services.intake.domain.registry import AgencyFilter
from services.intake.queries import agencies
from services.intake.schemas import AgenciesQuery, AgencyInput, AgencySchema, agency_rows
from shared import web
from shared.auth.guard import ANYONE, audience
from shared.core.errors import Invalid, UnsupportedMedia
from shared.core.imports import ImportResult
from shared.web.fields import AGENCY_ID
from shared.web.importapi import ImportedSchema

EXAMPLE = "id,name,group,since,until\nkota-contoh,Pemerintah Kota Contoh,Kota,2026-01-01T00:00:00Z,\n"

blp = web.Blueprint("agencies", __name__, url_prefix="/agencies", description="Who is assessed.")


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(AgencyInput)
@blp.response(201, AgencySchema)
@blp.response(200, AgencySchema)
@web.document_headers(web.MAY_MATCH)
@audience("ministry")
def set_agency(details: AgencyDetails, id: str) -> web.Versioned[Agency]:
    """Make an agency (201), or change the version that If-Match names."""
    agency = web.run(commands.set_agency, details.of(web.checked(id, AGENCY_ID)), web.seen())
    return web.versioned(agency, agency.rev)


@blp.route("/import", methods=["POST"])
@blp.response(200, ImportedSchema)
@web.document_headers(content="text/csv", example=EXAMPLE)
@web.document_errors(Invalid)
@audience("ministry")
def import_agencies() -> ImportResult:
    """Set many agencies from text/csv (id,name,group,since,until): all of them, or none."""
    if flask.request.mimetype != "text/csv":
        raise UnsupportedMedia("Send the agencies as text/csv.")
    return web.run(commands.import_agencies, agency_rows(flask.request.get_data()))


@blp.route("")
@blp.arguments(AgenciesQuery, location="query")
@blp.response(200, web.page_of(AgencySchema))
@audience(ANYONE)
def list_agencies(query: dict[str, Any]) -> dict[str, Any]:
    """The agencies, by id: all, or those whose name or id says every word, of one group."""
    wanted = AgencyFilter(tuple((query["q"] or "").split()), query["group"])
    after, limit = web.page_args(query)
    return web.by_id(web.query(agencies.list_agencies, wanted, after, limit))


@blp.route("/<id>")
@blp.response(200, AgencySchema)
@audience(ANYONE)
def get_agency(id: str) -> web.Tagged[Agency]:
    """One agency."""
    agency = web.query(queries.get_entity, Agency, id)
    return web.tagged(agency, agency.rev)
