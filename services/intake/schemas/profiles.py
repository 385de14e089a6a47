"""What somebody chose for themselves, and what is kept about them."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake.domain.profiles import ProfileDraft
from services.intake.schemas.comments import CommentSchema
from services.intake.schemas.together import EditedSchema
from shared.web.fields import UTCDateTime
from shared.web.language import LANGUAGES
from shared.web.zones import ZONES


class ProfileInput(Schema):
    """A zone of Indonesia by its name at IANA (null: the agency's), and a language (null: the browser's)."""

    example: ClassVar[dict[str, Any]] = {"zone": "Asia/Makassar", "language": "id"}
    zone = fields.String(required=True, allow_none=True, validate=validate.OneOf(tuple(ZONES)))
    language = fields.String(required=True, allow_none=True, validate=validate.OneOf(LANGUAGES))

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> ProfileDraft:
        """Give the domain's value."""
        return ProfileDraft(**data)


class OwnRoleSchema(Schema):
    """A role, with the agency's name, from when until when."""

    role = fields.String(required=True)
    agency = fields.String(required=True, allow_none=True)
    agency_name = fields.String(required=True, allow_none=True)
    since = UTCDateTime(required=True)
    until = UTCDateTime(required=True, allow_none=True)


class ProfileSchema(Schema):
    """Who somebody is here, what they may do, what they chose, and the zone that counts without a choice."""

    issuer = fields.String(required=True)
    subject = fields.String(required=True)
    person = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    roles = fields.List(fields.Nested(OwnRoleSchema), required=True)
    zone = fields.String(required=True, allow_none=True, attribute="profile.zone")
    language = fields.String(required=True, allow_none=True, attribute="profile.language")
    agency_zone = fields.String(required=True, allow_none=True)


class OwnCommentSchema(CommentSchema):
    """A comment of one's own."""

    class Meta:
        """Without the names of colleagues."""

        exclude = ("by_name", "settled_by", "settled_by_name")


class OwnActsSchema(Schema):
    """What somebody did in a self-assessment: the answers saved last, and the comments left."""

    participation = fields.String(required=True)
    answers = fields.List(fields.Nested(EditedSchema), required=True)
    comments = fields.List(fields.Nested(OwnCommentSchema), required=True)


class OwnDataSchema(Schema):
    """All that intake keeps about somebody by themselves."""

    profile = fields.Nested(ProfileSchema, required=True, attribute="view")
    acts = fields.List(fields.Nested(OwnActsSchema), required=True)
