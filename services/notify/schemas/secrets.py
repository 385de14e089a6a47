"""Secrets and public keys: what a receiver checks signatures with."""

from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, validate

from services.notify.schemas.subscriptions import SubscriptionSchema
from shared.web.fields import UTCDateTime


class RotationInput(Schema):
    """How long the secret before the new one still signs."""

    example: ClassVar[dict[str, Any]] = {"keep_hours": 24}
    keep_hours = fields.Integer(load_default=24, strict=True, validate=validate.Range(0, 24))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> timedelta:
        """Give the typed input."""
        return timedelta(hours=data["keep_hours"])


class KeySchema(Schema):
    """A public key that webhooks are signed with (`v1a`), from a moment until another (null: open)."""

    kid = fields.String(required=True)
    key = fields.String(required=True, metadata={"description": "whpk_ and the base64 of 32 bytes."})
    start = UTCDateTime(required=True, data_key="from")
    until = UTCDateTime(required=True, allow_none=True)


class SecretSchema(SubscriptionSchema):
    """A subscription with its HMAC secret, which is shown this once, and the public keys."""

    secret = fields.String(required=True, metadata={"description": "whsec_ and the base64 of 32 bytes."})
    public_keys = fields.List(
        fields.Nested(KeySchema),
        required=True,
        metadata={"description": "They sign for every subscription: accept only your own `data.stream`."},
    )
