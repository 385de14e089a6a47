"""Setting many agencies from a file: what it would do is shown first, then exactly that is done."""

from http import HTTPStatus
from typing import Any

import flask

from services.intake import commands
from services.intake.domain import Agency
from services.intake.domain.imports import Import, ImportResult, ImportRow, Source
from services.intake.queries import agencies
from services.intake.schemas import ImportedSchema
from services.intake.schemas.imports import ImportRowSchema, ImportRowsQuery, ImportSchema
from services.intake.schemas.tables import AGENCIES, agency_rows_of
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import Conflict, Invalid, UnsupportedMedia
from shared.storage.reader import Page
from shared.web.tables import Table, read_table

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXAMPLE = "id,name,group,since,until\nkota-contoh,Pemerintah Kota Contoh,Kota,2026-01-01,\n"

blp = web.Blueprint(
    "imports", __name__, url_prefix="/imports", description="Files that set many things at once."
)


@blp.route("/agencies", methods=["POST"])
@blp.response(201, ImportSchema)
@web.document_headers(content="text/csv", example=EXAMPLE)
@web.document_errors(Invalid)
@audience("ministry")
def preview_agencies() -> tuple[Import[Agency], int]:
    """Say what a list of agencies (text/csv, or .xlsx by its media type) would do; nothing of it is set yet.

    It takes the place of one's last one.
    """
    table = _table()
    made = web.run(commands.preview_agencies, Source("", table.sheet), agency_rows_of(table))
    return made, HTTPStatus.CREATED


@blp.route("/agencies/<token>")
@blp.response(200, ImportSchema)
@audience("ministry")
def get_agencies_import(token: str) -> Import[Agency]:
    """What one's last list would do, in numbers."""
    return web.query(agencies.get_agencies_import, caller(), token)


@blp.route("/agencies/<token>/rows")
@blp.arguments(ImportRowsQuery, location="query")
@blp.response(200, web.page_of(ImportRowSchema))
@audience("ministry")
def list_agencies_import(query: dict[str, Any], token: str) -> dict[str, Any]:
    """What each row would do: set something new, change it, leave it as it is, or nothing since it is wrong."""
    return _rows(web.query(agencies.get_agencies_import, caller(), token), query)


@blp.route("/agencies/<token>/apply", methods=["POST"])
@blp.response(200, ImportedSchema)
@web.document_errors(Conflict)
@audience("ministry")
def apply_agencies(token: str) -> ImportResult:
    """Set exactly what was shown: all of it, or none when a row is wrong or something changed since; again, once."""
    return web.run(commands.apply_agencies, token)


def _table() -> Table:
    if flask.request.mimetype not in ("text/csv", WORKBOOK):
        raise UnsupportedMedia(f"Send the table as text/csv or {WORKBOOK}.")
    return read_table(flask.request.get_data(), AGENCIES)


def _rows(found: Import[Any], query: dict[str, Any]) -> dict[str, Any]:
    cursor = web.parse_cursor(query["after"], int)
    after = cursor[0] if cursor else 0
    rows: list[ImportRow[Any]] = [row for row in found.of(query["state"]) if row.number > int(after)]
    limit: int = query["limit"]
    return web.page(Page(rows[:limit], more=len(rows) > limit), lambda row: (row.number,))
