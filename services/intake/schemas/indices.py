"""Indices of other ministries."""

from collections.abc import Mapping
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake.domain.indices import (
    FIRST_YEAR,
    LAST_YEAR,
    ExternalIndex,
    IndexDetails,
    IndexFilter,
    index_text,
)
from shared.web import PageQuery
from shared.web.fields import AGENCY_ID, LONGEST_NUMBER, UTCDateTime, identifier, line

SOURCE_KEY = r"[A-Za-z0-9][A-Za-z0-9-]{0,31}"
SOURCE_MEANING = "the key by which an edition names the index, such as sdi"


class IndexNumber(fields.Field[str]):
    """An index as exact text: a decimal number, with a comma or a point."""

    default_error_messages = {"invalid": "Must be a decimal number with at most 6 decimals, such as 68.75."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str:
        if not isinstance(value, str) or len(value) > LONGEST_NUMBER:
            raise self.make_error("invalid")
        try:
            return index_text(value)
        except ValueError:
            raise self.make_error("invalid") from None


class _IndexFields(Schema):
    """What an index is, and where it was made known."""

    index = IndexNumber(required=True, metadata={"type": "string", "description": "An exact decimal number."})
    provenance = line(500)
    reason = fields.String(load_default="", validate=validate.Length(max=2000))


class IndexInput(_IndexFields):
    """What is said of the index of an agency and a year; `reason` says why one that is known is corrected."""

    example: ClassVar[dict[str, Any]] = {"index": "68.75", "provenance": "Surat Bappenas B-12/2025"}

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> IndexDetails:
        """Give the domain's value."""
        return IndexDetails(**data)


class IndexRowInput(_IndexFields):
    """An index with its agency, source and year, as one line of a list says it."""

    agency = identifier(AGENCY_ID, required=True)
    source = identifier(SOURCE_KEY, SOURCE_MEANING, required=True)
    year = fields.Integer(required=True, validate=validate.Range(FIRST_YEAR, LAST_YEAR))

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> ExternalIndex:
        """Give the domain's value."""
        where = {name: data.pop(name) for name in ("agency", "source", "year")}
        return IndexDetails(**data).of(**where)


class IndexSchema(Schema):
    """The index of an agency and a year, in its last version."""

    id = fields.String(required=True)
    agency = fields.String(required=True)
    source = fields.String(required=True)
    year = fields.Integer(required=True)
    index = fields.String(required=True)
    provenance = fields.String(required=True)
    reason = fields.String(required=True)
    set_at = UTCDateTime(required=True)
    rev = fields.Integer(required=True)


class IndicesQuery(PageQuery):
    """Which indices: of one agency, of one source; left out: of any."""

    agency = identifier(AGENCY_ID, load_default=None)
    source = identifier(SOURCE_KEY, SOURCE_MEANING, load_default=None)


def filter_of(query: Mapping[str, Any]) -> IndexFilter:
    """The indices that a query asks for."""
    return IndexFilter(query["agency"], query["source"])
