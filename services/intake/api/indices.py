"""Indices of other ministries."""

from typing import Any

from services.intake import commands
from services.intake.domain.indices import FIRST_YEAR, LAST_YEAR, ExternalIndex, IndexDetails
from services.intake.queries import indices
from services.intake.schemas.indices import (
    IndexInput,
    IndexSchema,
    IndicesQuery,
    filter_of,
)
from shared import web
from shared.auth.guard import audience
from shared.core import reading
from shared.core.errors import Invalid
from shared.web.fields import AGENCY_ID

IndexPage = web.page_of(IndexSchema)

blp = web.Blueprint(
    "external-indices",
    __name__,
    url_prefix="/external-indices",
    description="Indices of other ministries, which give values or gate levels.",
)


@blp.route("")
@blp.arguments(IndicesQuery, location="query")
@blp.response(200, IndexPage)
@audience("ministry")
def list_external_indices(query: dict[str, Any]) -> dict[str, Any]:
    """The indices that are known, by id: all, of one agency, of one source."""
    after, limit = web.page_args(query)
    return web.by_id(web.query(indices.list_indices, filter_of(query), after, limit))


@blp.route("/<agency>/<source>/<year>", methods=["PUT"])
@blp.arguments(IndexInput)
@blp.response(201, IndexSchema)
@blp.response(200, IndexSchema)
@web.document_headers(web.MAY_MATCH)
@web.document_errors(Invalid)
@audience("ministry")
def set_external_index(
    details: IndexDetails, agency: str, source: str, year: str
) -> web.Versioned[ExternalIndex]:
    """Make the index of an agency and a year known (201), or correct the version that If-Match names, with a reason."""
    wanted = details.of(web.checked(agency, AGENCY_ID), source, _year(year))
    made = web.run(commands.set_index, wanted, web.seen())
    return web.versioned(made, made.rev)


@blp.route("/<id>")
@blp.response(200, IndexSchema)
@audience("ministry")
def get_external_index(id: str) -> web.Tagged[ExternalIndex]:
    """The index of an agency and a year, as it is known now."""
    found = web.query(indices.get_index, id)
    return web.tagged(found, found.rev)


@blp.route("/<id>/versions")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, IndexPage)
@audience("ministry")
def list_external_index_versions(query: dict[str, Any], id: str) -> dict[str, Any]:
    """Every version of it, the newest first, each with the reason for which it was set."""
    after = web.parse_cursor(query["after"], int)
    below = int(after[0]) if after else None
    rows = web.query(indices.list_versions, id, below, query["limit"])
    return web.page(rows, lambda row: (row.rev,))


def _year(text: str) -> int:
    year = reading.whole(text)
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(f"The year is a whole number from {FIRST_YEAR} to {LAST_YEAR}.", "bad-year")
    return year
