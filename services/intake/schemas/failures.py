"""What browsers report of uploads that failed."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake.domain.failures import STAGES, STATUSES, UploadFailure


class UploadFailureInput(Schema):
    """An upload that failed for good: at which stage, and the status of the last answer (0: none came)."""

    example: ClassVar[dict[str, Any]] = {"stage": "send", "status": 413}
    stage = fields.String(
        required=True, validate=validate.OneOf(STAGES, error="Must be one of {choices}, where it failed.")
    )
    status = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(*STATUSES, error="Must be a status of HTTP, or 0 where no answer came."),
        error_messages={"invalid": "Must be a status of HTTP, or 0 where no answer came."},
    )

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> UploadFailure:
        """Give the domain's value."""
        return UploadFailure(**data)
