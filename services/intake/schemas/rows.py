"""Rows of tables that enter agencies into a cycle, and people into agencies."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake.domain.joining import TakingPart
from services.intake.domain.memberships import Membership, membership
from shared.core.people import AGENCY_ROLES
from shared.web.fields import AGENCY_ID, identifier
from shared.web.moments import END, WrittenMoment

YES, NO = ("ya", "yes", "true", "1"), ("", "tidak", "no", "false", "0")
"""What a cell says for yes and for no, in either language or as a spreadsheet does."""


class WrittenFlag(fields.Field[bool]):
    """Yes or no, as people write it."""

    default_error_messages = {"invalid": "Must be ya or tidak, yes or no."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> bool:
        if not isinstance(value, str) or value.lower() not in YES + NO:
            raise self.make_error("invalid")
        return value.lower() in YES


class ParticipationRowInput(Schema):
    """How an agency takes part in a cycle, as one line of a list says it."""

    cycle = fields.String(required=True)
    agency = identifier(AGENCY_ID, required=True)
    activity = fields.String(required=True, validate=validate.Length(1, 30))
    visit = WrittenFlag(load_default=False)
    deadline = WrittenMoment(END, load_default=None, allow_none=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> TakingPart:
        """Give the domain's value."""
        id = f"{data.pop('cycle')}.{data.pop('agency')}"
        return TakingPart(id, **data)


class MembershipRowInput(Schema):
    """A role at an agency, as one line of a list says it."""

    subject = fields.String(required=True, validate=validate.Length(1, 300))
    role = fields.String(required=True, validate=validate.OneOf(AGENCY_ROLES))
    agency = identifier(AGENCY_ID, required=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> Membership:
        """Give the domain's value."""
        return membership(**data)
