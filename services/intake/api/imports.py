"""Setting many things from a file: what it would do is shown first, then exactly that is done."""

from http import HTTPStatus
from typing import Any

from services.intake import commands
from services.intake.domain import Agency
from services.intake.domain.indices import ExternalIndex
from services.intake.domain.joining import TakingPart
from services.intake.domain.memberships import Membership
from services.intake.queries import imports, indices
from services.intake.schemas.tables import (
    AGENCIES,
    INDICES,
    PARTICIPATIONS,
    PEOPLE,
    agency_rows_of,
    index_rows_of,
    participation_rows_of,
    people_rows_of,
)
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict, Invalid
from shared.core.imports import Import, ImportResult, Source
from shared.web.importapi import (
    ImportedSchema,
    ImportRowsQuery,
    ImportRowsSchema,
    ImportSchema,
    page_of_rows,
    sent_table,
)

AGENCIES_EXAMPLE = "id,name,group,since,until\nkota-contoh,Pemerintah Kota Contoh,Kota,2026-01-01,\n"
PARTICIPATIONS_EXAMPLE = "agency,activity,visit,deadline\nkota-contoh,evaluation,ya,\n"
INDICES_EXAMPLE = "agency,source,year,index,provenance\nkota-contoh,sdi,2025,68.75,Surat Bappenas B-12/2025\n"
PEOPLE_EXAMPLE = "subject,role,agency\n8f14e45f-ceea,clerk,kota-contoh\n"

blp = web.Blueprint(
    "imports", __name__, url_prefix="/imports", description="Files that set many things at once."
)


@blp.route("/agencies", methods=["POST"])
@blp.response(201, ImportSchema)
@web.document_headers(content="text/csv", example=AGENCIES_EXAMPLE)
@web.document_errors(Invalid)
@audience("ministry")
def preview_agencies() -> tuple[Import[Agency], int]:
    """Say what a list of agencies (text/csv, or .xlsx by its media type) would do; nothing of it is set yet.

    It takes the place of one's last one.
    """
    table = sent_table(AGENCIES)
    made = web.run(commands.preview_agencies, Source("", table.sheet), agency_rows_of(table))
    return made, HTTPStatus.CREATED


@blp.route("/agencies/<token>")
@blp.response(200, ImportSchema)
@audience("ministry")
def get_agencies_import(token: str) -> Import[Agency]:
    """What one's last list would do, in numbers."""
    return web.query(imports.get_agencies_import, caller(), token)


@blp.route("/agencies/<token>/rows")
@blp.arguments(ImportRowsQuery, location="query")
@blp.response(200, ImportRowsSchema)
@audience("ministry")
def list_agencies_import(query: dict[str, Any], token: str) -> dict[str, Any]:
    """What each row would do: set something new, change it, leave it as it is, or nothing since it is wrong."""
    return page_of_rows(web.query(imports.get_agencies_import, caller(), token), query)


@blp.route("/agencies/<token>/apply", methods=["POST"])
@blp.response(200, ImportedSchema)
@web.document_errors(Conflict)
@audience("ministry")
def apply_agencies(token: str) -> ImportResult:
    """Set exactly what was shown: all of it, or none when a row is wrong or something changed since; again, once."""
    return web.run(commands.apply_agencies, token)


@blp.route("/participations/<cycle>", methods=["POST"])
@blp.response(201, ImportSchema)
@web.document_headers(content="text/csv", example=PARTICIPATIONS_EXAMPLE)
@web.document_errors(Invalid)
@audience("ministry")
def preview_participations(cycle: str) -> tuple[Import[TakingPart], int]:
    """Say what a list of those who take part in a cycle would do; nothing of it is set yet.

    It takes the place of one's last one for this cycle. Nobody leaves a cycle by it.
    """
    table = sent_table(PARTICIPATIONS)
    read = participation_rows_of(table, cycle)
    made = web.run(commands.preview_participations, cycle, Source("", table.sheet), read)
    return made, HTTPStatus.CREATED


@blp.route("/participations/<cycle>/<token>")
@blp.response(200, ImportSchema)
@audience("ministry")
def get_participations_import(cycle: str, token: str) -> Import[TakingPart]:
    """What one's last list for a cycle would do, in numbers."""
    return web.query(imports.get_participations_import, caller(), cycle, token)


@blp.route("/participations/<cycle>/<token>/rows")
@blp.arguments(ImportRowsQuery, location="query")
@blp.response(200, ImportRowsSchema)
@audience("ministry")
def list_participations_import(query: dict[str, Any], cycle: str, token: str) -> dict[str, Any]:
    """What each row would do: have an agency take part, change how, leave it so, or nothing since it is wrong."""
    return page_of_rows(web.query(imports.get_participations_import, caller(), cycle, token), query)


@blp.route("/participations/<cycle>/<token>/apply", methods=["POST"])
@blp.response(200, ImportedSchema)
@web.document_errors(Conflict)
@audience("ministry")
def apply_participations(cycle: str, token: str) -> ImportResult:
    """Have exactly those take part who were shown: all of them, or none when a row is wrong or something changed."""
    return web.run(commands.apply_participations, cycle, token)


@blp.route("/people", methods=["POST"])
@blp.response(201, ImportSchema)
@web.document_headers(content="text/csv", example=PEOPLE_EXAMPLE)
@web.document_errors(Invalid)
@audience("ministry")
def preview_people() -> tuple[Import[Membership], int]:
    """Say which roles at agencies a list would give to whom; nothing of it is given yet.

    `subject` is what stands in the tokens' `sub`. It takes the place of one's last one. No role is taken away by it.
    """
    table = sent_table(PEOPLE)
    made = web.run(commands.preview_people, Source("", table.sheet), people_rows_of(table))
    return made, HTTPStatus.CREATED


@blp.route("/people/<token>")
@blp.response(200, ImportSchema)
@audience("ministry")
def get_people_import(token: str) -> Import[Membership]:
    """Which roles one's last list would give, in numbers."""
    return web.query(imports.get_people_import, caller(), token)


@blp.route("/people/<token>/rows")
@blp.arguments(ImportRowsQuery, location="query")
@blp.response(200, ImportRowsSchema)
@audience("ministry")
def list_people_import(query: dict[str, Any], token: str) -> dict[str, Any]:
    """What each row would do: give a role, leave it as it is held, or nothing since it is wrong."""
    return page_of_rows(web.query(imports.get_people_import, caller(), token), query)


@blp.route("/people/<token>/apply", methods=["POST"])
@blp.response(200, ImportedSchema)
@web.document_errors(Conflict)
@audience("ministry")
def apply_people(token: str) -> ImportResult:
    """Give exactly the roles that were shown, from now on: all of them, or none when a row is wrong."""
    return web.run(commands.apply_people, token)


@blp.route("/external-indices", methods=["POST"])
@blp.response(201, ImportSchema)
@web.document_headers(content="text/csv", example=INDICES_EXAMPLE)
@web.document_errors(Invalid)
@audience("ministry")
def preview_indices() -> tuple[Import[ExternalIndex], int]:
    """Say what a list of other ministries' indices would make known or correct; nothing of it is set yet.

    A row that corrects an index says why in `reason`. It takes the place of one's last one.
    """
    table = sent_table(INDICES)
    made = web.run(commands.preview_indices, Source("", table.sheet), index_rows_of(table))
    return made, HTTPStatus.CREATED


@blp.route("/external-indices/<token>")
@blp.response(200, ImportSchema)
@audience("ministry")
def get_indices_import(token: str) -> Import[ExternalIndex]:
    """What one's last list of indices would do, in numbers."""
    return web.query(indices.get_indices_import, caller(), token)


@blp.route("/external-indices/<token>/rows")
@blp.arguments(ImportRowsQuery, location="query")
@blp.response(200, ImportRowsSchema)
@audience("ministry")
def list_indices_import(query: dict[str, Any], token: str) -> dict[str, Any]:
    """What each row would do: make an index known, correct it, leave it as it is, or nothing since it is wrong."""
    return page_of_rows(web.query(indices.get_indices_import, caller(), token), query)


@blp.route("/external-indices/<token>/apply", methods=["POST"])
@blp.response(200, ImportedSchema)
@web.document_errors(Conflict)
@audience("ministry")
def apply_indices(token: str) -> ImportResult:
    """Set exactly the indices that were shown: all of them, or none when a row is wrong or something changed since."""
    return web.run(commands.apply_indices, token)
