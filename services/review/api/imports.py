"""Appointing many assessors from a file: what it would do is shown first, then exactly that is done."""

from http import HTTPStatus
from typing import Any

from services.review import commands
from services.review.domain import Assessor
from services.review.queries import roster
from services.review.schemas.tables import ASSESSORS, assessor_rows_of
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

EXAMPLE = "id,name,subject,since,employer,until\nani-s,Ani Suryani,c9f0f895-fb98,2026-01-01,kota-contoh,2026-12-31\n"

blp = web.Blueprint(
    "imports", __name__, url_prefix="/imports", description="Files that set many things at once."
)


@blp.route("/assessors", methods=["POST"])
@blp.response(201, ImportSchema)
@web.document_headers(content="text/csv", example=EXAMPLE)
@web.document_errors(Invalid)
@audience("ministry")
def preview_assessors() -> tuple[Import[Assessor], int]:
    """Say whom a list (text/csv, or .xlsx by its media type) would appoint; nobody is appointed yet.

    `subject` is what stands in the tokens' `sub`. It takes the place of one's last one. Nobody is dismissed by it.
    """
    table = sent_table(ASSESSORS)
    read = assessor_rows_of(table, caller().issuer)
    return web.run(commands.preview_assessors, Source("", table.sheet), read), HTTPStatus.CREATED


@blp.route("/assessors/<token>")
@blp.response(200, ImportSchema)
@audience("ministry")
def get_assessors_import(token: str) -> Import[Assessor]:
    """Whom one's last list would appoint, in numbers."""
    return web.query(roster.get_assessors_import, caller(), token)


@blp.route("/assessors/<token>/rows")
@blp.arguments(ImportRowsQuery, location="query")
@blp.response(200, ImportRowsSchema)
@audience("ministry")
def list_assessors_import(query: dict[str, Any], token: str) -> dict[str, Any]:
    """What each row would do: appoint somebody, change that, leave it as it is, or nothing since it is wrong."""
    return page_of_rows(web.query(roster.get_assessors_import, caller(), token), query)


@blp.route("/assessors/<token>/apply", methods=["POST"])
@blp.response(200, ImportedSchema)
@web.document_errors(Conflict)
@audience("ministry")
def apply_assessors(token: str) -> ImportResult:
    """Appoint exactly those who were shown: all, or none when a row is wrong or something changed; again, once."""
    return web.run(commands.apply_assessors, token)
