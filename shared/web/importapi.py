"""Tables that programs send to set many things at once: how they come, and what they would do, row by row."""

from datetime import datetime
from typing import Any

import flask
from marshmallow import Schema, fields, validate

from shared.core.canonical import timestamp
from shared.core.errors import UnsupportedMedia
from shared.core.imports import STATES, Import
from shared.storage.reader import Page
from shared.web.fields import UTCDateTime
from shared.web.imports import XLSX
from shared.web.paging import PageQuery, page, page_of, parse_cursor
from shared.web.tables import Layout, Table, read_table


class ImportedSchema(Schema):
    """How many things were set, and how many were so already."""

    set = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)


class ImportCountsSchema(Schema):
    """How many rows are in which state."""

    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    wrong = fields.Integer(required=True)


class ImportSchema(Schema):
    """What a file would set, under the token by which that is done; `result` once it was done."""

    token = fields.String(required=True)
    file = fields.String(required=True, attribute="source.file")
    sheet = fields.String(required=True, attribute="source.sheet")
    made_at = UTCDateTime(required=True)
    counts = fields.Nested(ImportCountsSchema, required=True)
    result = fields.Nested(ImportedSchema, required=True, allow_none=True)


class FaultSchema(Schema):
    """Why a row cannot be taken; `column` is empty where it is no one column's."""

    column = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class _Value(fields.Field[Any]):
    """A value of any kind, moments as everywhere."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return timestamp(value) if isinstance(value, datetime) else value


class ChangeSchema(Schema):
    """A field that gets another value."""

    field = fields.String(required=True)
    before = _Value(required=True, allow_none=True, metadata={"description": "Text, moment, true or false."})
    after = _Value(required=True, allow_none=True, metadata={"description": "Of the kind of `before`."})


class ImportRowSchema(Schema):
    """A row of the file: its line, its cells, and what it would do."""

    line = fields.Integer(required=True, attribute="number")
    state = fields.String(required=True)
    cells = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "By column, as they were sent; empty for one that was left out."},
    )
    problems = fields.List(fields.Nested(FaultSchema), required=True, attribute="faults")
    changes = fields.List(fields.Nested(ChangeSchema), required=True, attribute="changes_of_cells")


class ImportRowsQuery(PageQuery):
    """Which rows of an import: all, or those in one state."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


ImportRowsSchema = page_of(ImportRowSchema)


def sent_table(layout: Layout) -> Table:
    """The table that a program sent; UnsupportedMedia unless it is CSV or a workbook, Invalid when it is none."""
    if flask.request.mimetype not in ("text/csv", XLSX):
        raise UnsupportedMedia(f"Send the table as text/csv or {XLSX}.")
    return read_table(flask.request.get_data(), layout)


def page_of_rows(found: Import[Any], query: dict[str, Any]) -> dict[str, Any]:
    """The rows of an import that a query asks for, page by page."""
    cursor = parse_cursor(query["after"], int)
    after = int(cursor[0]) if cursor else 0
    rows, limit = found.after(after, query["state"]), query["limit"]
    return page(Page(rows[:limit], more=len(rows) > limit), lambda row: (row.number,))
