"""Editions, agencies, people."""

from typing import Any

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake import domain
from shared.web.fields import AGENCY_ID, BoundedList, UTCDateTime, identifier, line


class EditionText(Schema):
    """An edition of the instrument, as YAML."""

    yaml = fields.String(required=True, validate=validate.Length(1, 1_000_000))


class EditionSchema(Schema):
    """An edition: draft, or published and unchangeable."""

    id = fields.String(required=True)
    hash = fields.String(required=True)
    guide_version = fields.String(required=True)
    state = fields.String(required=True)
    loaded_at = UTCDateTime(required=True)
    published_at = UTCDateTime(required=True, allow_none=True)


class EditionDetail(Schema):
    """An edition with its whole tree."""

    edition = fields.Nested(EditionSchema, required=True, attribute="record")
    content = fields.Dict(required=True)


class AgencyBody(Schema):
    """An agency's name, group and validity."""

    name = line(300)
    group = fields.String(required=True, validate=validate.OneOf(domain.GROUPS))
    since = UTCDateTime(required=True)
    until = UTCDateTime(load_default=None, allow_none=True)


class AgencySchema(AgencyBody):
    """An agency."""

    id = identifier(AGENCY_ID, required=True)
    rev = fields.Integer(dump_only=True)


class ImportedSchema(Schema):
    """How many agencies were set, and how many were so already."""

    set = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)


class GrantSchema(Schema):
    """One role, for one agency or for none, from when until when."""

    role = fields.String(required=True, validate=validate.Length(1, 30))
    agency = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 63))
    since = UTCDateTime(required=True)
    until = UTCDateTime(load_default=None, allow_none=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Grant:
        """Give the domain's value."""
        return domain.Grant(**data)


class PersonBody(Schema):
    """Whom the identity provider means, and what they may do."""

    issuer = line(500)
    subject = line(300)
    grants = BoundedList(fields.Nested(GrantSchema), required=True, validate=validate.Length(max=50))


class PersonSchema(PersonBody):
    """A person or machine client."""

    id = fields.String(required=True)
    rev = fields.Integer(required=True)
