"""What an import would do, row by row."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from services.intake.schemas.registry import ImportedSchema
from shared.core.canonical import timestamp
from shared.core.imports import STATES
from shared.web import PageQuery
from shared.web.fields import UTCDateTime


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
    before = _Value(required=True, allow_none=True)
    after = _Value(required=True, allow_none=True)


class ImportRowSchema(Schema):
    """A row of the file: its line, its cells, and what it would do."""

    line = fields.Integer(required=True, attribute="number")
    state = fields.String(required=True)
    cells = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    problems = fields.List(fields.Nested(FaultSchema), required=True, attribute="faults")
    changes = fields.List(fields.Nested(ChangeSchema), required=True)


class ImportRowsQuery(PageQuery):
    """Which rows of an import: all, or those in one state."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
