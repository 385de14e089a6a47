"""Leases: what every write to a task names, and until when it may."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, validate

from services.review.domain import LeaseOrder, ReleaseOrder
from services.review.schemas.descriptions import describe
from shared.web.fields import UTCDateTime, words


class LeaseInput(Schema):
    """The fencing number that the claim gave."""

    example: ClassVar[dict[str, Any]] = {"fence": 1}
    fence = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 2**53 - 1),
        **describe("The number that the newest claim of the task gave."),
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> LeaseOrder:
        """Give the typed input."""
        return LeaseOrder(**data)


class ReleaseInput(LeaseInput):
    """Giving a task back."""

    example: ClassVar[dict[str, Any]] = {"fence": 1, "reason": "Ill."}
    reason = words(500, 1, load_default=None, allow_none=True, **describe("Kept in the audit trail only."))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> ReleaseOrder:
        """Give the typed input."""
        return ReleaseOrder(**data)


class LeaseSchema(Schema):
    """A task under its holder's lease: every write names the fence, until the moment `until`."""

    id = fields.String(required=True)
    case = fields.String(required=True)
    stage = fields.String(required=True)
    state = fields.String(required=True, **describe("open, claimed or finished."))
    fence = fields.Integer(
        required=True,
        allow_none=True,
        **describe("What every write has to name; null in lists: claim to get it."),
    )
    until = UTCDateTime(
        required=True,
        allow_none=True,
        **describe("When the lease ends unless renewed; null when nobody holds it."),
    )
