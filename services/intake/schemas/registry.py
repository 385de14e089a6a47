"""Editions, agencies, people."""

from typing import Any

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake import domain
from shared.instrument import Edition, load
from shared.web.fields import AGENCY_ID, BoundedList, UTCDateTime, identifier, line


class EditionInput(Schema):
    """An edition of the instrument, as YAML."""

    yaml = fields.String(required=True, validate=validate.Length(1, domain.LARGEST_EDITION))

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> Edition:
        """Give the instrument's value; Invalid when the text is no edition."""
        return load(data["yaml"])


class EditionSchema(Schema):
    """An edition: draft, or published and unchangeable."""

    id = fields.String(required=True)
    hash = fields.String(required=True)
    guide_version = fields.String(required=True)
    state = fields.String(required=True)
    loaded_at = UTCDateTime(required=True)
    published_at = UTCDateTime(required=True, allow_none=True)


class EditionContentSchema(Schema):
    """An edition with its whole tree."""

    edition = fields.Nested(EditionSchema, required=True, attribute="record")
    content = fields.Dict(required=True)


class _AgencyFields(Schema):
    """An agency's name, group and validity."""

    name = line(300)
    group = fields.String(required=True, validate=validate.OneOf(domain.GROUPS))
    since = UTCDateTime(required=True)
    until = UTCDateTime(load_default=None, allow_none=True)


class AgencyInput(_AgencyFields):
    """What is said of an agency."""

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.AgencyDetails:
        """Give the domain's value."""
        return domain.AgencyDetails(**data)


class AgencyRowInput(_AgencyFields):
    """An agency with its id, as one line of a list says it."""

    id = identifier(AGENCY_ID, required=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Agency:
        """Give the domain's value."""
        return domain.Agency(**data)


class AgencySchema(_AgencyFields):
    """An agency."""

    id = identifier(AGENCY_ID, required=True)
    rev = fields.Integer(required=True)


class ImportedSchema(Schema):
    """How many agencies were set, and how many were so already."""

    set = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)


class GrantInput(Schema):
    """One role, for one agency or for none, from when until when."""

    role = fields.String(required=True, validate=validate.Length(1, 30))
    agency = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 63))
    since = UTCDateTime(required=True)
    until = UTCDateTime(load_default=None, allow_none=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Grant:
        """Give the domain's value."""
        return domain.Grant(**data)


class _PersonFields(Schema):
    """Whom the identity provider means, and what they may do."""

    issuer = line(500)
    subject = line(300)
    grants = BoundedList(fields.Nested(GrantInput), required=True, validate=validate.Length(max=50))


class PersonInput(_PersonFields):
    """What is said of a person."""

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.PersonDetails:
        """Give the domain's value."""
        return domain.PersonDetails(**data | {"grants": tuple(data["grants"])})


class PersonSchema(_PersonFields):
    """A person or machine client."""

    id = fields.String(required=True)
    rev = fields.Integer(required=True)
