"""Editions, agencies, people."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake import domain
from shared.instrument import Edition, load
from shared.web import PageQuery
from shared.web.fields import AGENCY_ID, BoundedList, UTCDateTime, identifier, line
from shared.web.moments import WrittenMoment
from shared.web.zones import ZONES


class EditionInput(Schema):
    """An edition of the instrument, as YAML."""

    example: ClassVar[dict[str, Any]] = {
        "yaml": "id: pemdi-8-2026\ntitle: {id: Pemerintah Digital, en: Digital Government}\n…"
    }
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
    zone = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(tuple(ZONES)))


class AgencyInput(_AgencyFields):
    """What is said of an agency."""

    example: ClassVar[dict[str, Any]] = {
        "name": "Pemerintah Kota Contoh",
        "group": "Kota",
        "since": "2026-01-01T00:00:00Z",
    }

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.AgencyDetails:
        """Give the domain's value."""
        return domain.AgencyDetails(**data)


class AgencyRowInput(_AgencyFields):
    """An agency with its id, as one line of a list says it."""

    id = identifier(AGENCY_ID, required=True)
    since = WrittenMoment(required=True)
    until = WrittenMoment(load_default=None, allow_none=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Agency:
        """Give the domain's value."""
        return domain.Agency(**data)


class AgencySchema(_AgencyFields):
    """An agency."""

    id = identifier(AGENCY_ID, required=True)
    rev = fields.Integer(required=True)


class AgenciesQuery(PageQuery):
    """Which agencies: those whose name or id says every word of `q`, of one group."""

    q = fields.String(load_default=None, validate=validate.Length(1, 100))
    group = fields.String(load_default=None, validate=validate.OneOf(domain.GROUPS))


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
    subject = fields.String(required=True, validate=validate.Length(1, 300))
    grants = BoundedList(fields.Nested(GrantInput), required=True, validate=validate.Length(max=50))


class PersonInput(_PersonFields):
    """What is said of a person."""

    example: ClassVar[dict[str, Any]] = {
        "issuer": "https://id.example.go.id",
        "subject": "8f14e45f-ceea",
        "grants": [{"role": "clerk", "agency": "kota-contoh", "since": "2026-01-01T00:00:00Z"}],
    }

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.PersonDetails:
        """Give the domain's value."""
        return domain.PersonDetails(**data | {"grants": tuple(data["grants"])})


class ProposalSchema(Schema):
    """A role that an officer other than `proposed_by` may confirm."""

    role = fields.String(required=True, attribute="grant.role")
    agency = fields.String(required=True, allow_none=True, attribute="grant.agency")
    since = UTCDateTime(required=True, attribute="grant.since")
    until = UTCDateTime(required=True, allow_none=True, attribute="grant.until")
    proposed_by = fields.String(required=True, attribute="by")


class PastRoleSchema(Schema):
    """A role for an agency that was taken away, and for whom the identity provider knew then."""

    issuer = fields.String(required=True)
    subject = fields.String(required=True)
    role = fields.String(required=True)
    agency = fields.String(required=True)
    since = UTCDateTime(required=True)
    until = UTCDateTime(required=True)


class PersonSchema(_PersonFields):
    """A person or machine client: the grants in force, those that wait for a second officer, those taken away."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    proposals = fields.List(fields.Nested(ProposalSchema), required=True)
    past = fields.List(fields.Nested(PastRoleSchema), required=True)
    rev = fields.Integer(required=True)


class PeopleQuery(PageQuery):
    """Which people: all, or with `proposed` those for whom a role is proposed."""

    proposed = fields.Boolean(load_default=False)
