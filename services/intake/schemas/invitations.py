"""Invitations."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, validate

from services.intake.domain.invitations import BY_MINISTRY, InvitationOrder
from shared.web import PageQuery
from shared.web.fields import UTCDateTime, line


class InvitationInput(Schema):
    """For which role somebody is invited; `note` says for whom, for those who list invitations.

    `employer_agency` is the agency for which a future assessor works, if any: a conflict of interest by itself.
    """

    example: ClassVar[dict[str, Any]] = {"role": "clerk", "agency": "kota-contoh", "note": "Ibu Sari"}
    role = fields.String(required=True, validate=validate.OneOf(BY_MINISTRY))
    agency = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 63))
    note = line(200, required=False, load_default=None, allow_none=True)
    until = UTCDateTime(load_default=None, allow_none=True)
    employer = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(1, 63), data_key="employer_agency"
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> InvitationOrder:
        """Give the domain's value."""
        return InvitationOrder(**data | {"note": data["note"] or ""})


class InvitationSchema(Schema):
    """An invitation: what it gives, who made it, until when it is open, and who used it."""

    id = fields.String(required=True)
    role = fields.String(required=True)
    agency = fields.String(required=True, allow_none=True)
    note = fields.String(required=True)
    by = fields.String(required=True)
    made = UTCDateTime(required=True)
    until = UTCDateTime(required=True)
    used = UTCDateTime(required=True, allow_none=True)
    person = fields.String(required=True, allow_none=True)
    revoked = UTCDateTime(required=True, allow_none=True)
    employer = fields.String(required=True, allow_none=True, data_key="employer_agency")


class NewInvitationSchema(Schema):
    """An invitation with its link, which is told once."""

    invitation = fields.Nested(InvitationSchema, required=True)
    link = fields.String(required=True)


class AcceptInput(Schema):
    """The token of an invitation's link."""

    example: ClassVar[dict[str, Any]] = {"token": "Zm9yIGV4YW1wbGU"}
    token = fields.String(required=True, validate=validate.Length(1, 100))


class InvitationsQuery(PageQuery):
    """A page of the invitations."""
