"""Agencies."""

from operator import attrgetter
from typing import Any

import flask
from werkzeug.exceptions import UnsupportedMediaType

from services.intake import commands, queries
from services.intake.api.answering import after_id, by_id, checked, seen, tagged, versioned
from services.intake.domain import Agency
from services.intake.schemas import AGENCY_ID, AgencyBody, AgencySchema, ImportedSchema, agency_rows
from shared.auth import ANYONE, audience
from shared.web import IF_MATCH, Blueprint, PageQuery, look, page_of, run, takes

blp = Blueprint("agencies", __name__, url_prefix="/agencies", description="Who is assessed.")


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(AgencyBody)
@blp.response(200, AgencySchema)
@takes(IF_MATCH | {"required": False})
@audience("ministry")
def set_agency(body: dict[str, Any], id: str) -> tuple[Agency, int, dict[str, str]]:
    """Make an agency (201), or change the version that If-Match names."""
    agency = run(commands.set_agency, Agency(id=checked(id, AGENCY_ID), **body), seen())
    return versioned(agency, agency.rev)


@blp.route("/import", methods=["POST"])
@blp.response(200, ImportedSchema)
@audience("ministry")
def import_agencies() -> dict[str, int]:
    """Set many agencies from text/csv (id,name,group,since,until): all of them, or none."""
    if flask.request.mimetype != "text/csv":
        raise UnsupportedMediaType("Send the agencies as text/csv.")
    done, unchanged = run(commands.import_agencies, agency_rows(flask.request.get_data()))
    return {"set": done, "unchanged": unchanged}


@blp.route("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, page_of(AgencySchema))
@audience(ANYONE)
def agencies(query: dict[str, Any]) -> dict[str, Any]:
    """The agencies."""
    return by_id(look(queries.many, Agency, after_id(query), query["limit"]), query, attrgetter("id"))


@blp.route("/<id>")
@blp.response(200, AgencySchema)
@audience(ANYONE)
def agency(id: str) -> tuple[Agency, dict[str, str]]:
    """One agency."""
    return tagged(look(queries.one, Agency, id))
