"""Subscriptions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.notify.domain import EVERY_TYPE, ChangeOrder, SubscriptionOrder
from shared.web.fields import AGENCY_ID, Flag, UTCDateTime, identifier, line

MAX_TYPES = 50


class Types(fields.Field[Any]):
    """Names of event types, or "*" for all that the scope offers."""

    def __init__(self, **options: Any) -> None:
        description = 'Event types, or "*" for all that the scope offers.'
        super().__init__(**options, metadata={"description": description, **_TYPES})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if value == "*":
            return EVERY_TYPE
        named = isinstance(value, list) and all(isinstance(name, str) and len(name) <= 100 for name in value)
        if not named or not 1 <= len(value) <= MAX_TYPES:
            raise ValidationError(f'Must be "*" or a list of 1 to {MAX_TYPES} event types.')
        return tuple(dict.fromkeys(value))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return "*" if tuple(value) == EVERY_TYPE else list(value)


_TYPES = {"oneOf": [{"const": "*"}, {"type": "array", "items": {"type": "string"}, "maxItems": MAX_TYPES}]}


def _url(**options: Any) -> fields.String:
    description = "Where webhooks go (https); null for a stream that is only read."
    return fields.String(
        allow_none=True, validate=validate.Length(1, 500), metadata={"description": description}, **options
    )


class SubscriptionInput(Schema):
    """A new subscription."""

    example: ClassVar[dict[str, Any]] = {
        "name": "Dashboard",
        "url": "https://example.go.id/hook",
        "scope": "ministry",
        "types": "*",
    }
    name = line(100)
    url = _url(load_default=None)
    scope = identifier(AGENCY_ID, required=True, metadata={"description": 'An agency\'s id, or "ministry".'})
    types = Types(load_default=EVERY_TYPE)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> SubscriptionOrder:
        """Give the typed input."""
        return SubscriptionOrder(**data)


class ChangeInput(Schema):
    """What is to be otherwise."""

    example: ClassVar[dict[str, Any]] = {"enabled": False}
    url = _url()
    types = Types()
    enabled = Flag()

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> ChangeOrder:
        """Give the typed input."""
        return ChangeOrder(**data)


_STATES = "enabled, pending (its address has not answered a test event yet), disabled or closed."


class SubscriptionSchema(Schema):
    """A subscription, and how its receiver does."""

    id = fields.String(required=True, metadata={"description": "Also the id of its stream."})
    name = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    scope = fields.String(required=True)
    types = Types(required=True)
    owner = fields.String(required=True, allow_none=True, metadata={"description": "The machine client."})
    state = fields.String(required=True, metadata={"description": _STATES})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it is not enabled."})
    created_at = UTCDateTime(required=True)
    rev = fields.Integer(required=True)


class HealthSchema(Schema):
    """How a receiver has answered of late."""

    failing_since = UTCDateTime(required=True, allow_none=True)
    rests_until = UTCDateTime(required=True, allow_none=True)


class SubscriptionDetailSchema(SubscriptionSchema):
    """A subscription with how its receiver has answered of late."""

    health = fields.Nested(HealthSchema, required=True)
