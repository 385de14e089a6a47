"""What the doors of notify take and give."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.notify.domain import EVERYTHING
from shared.web import PageQuery
from shared.web.fields import AGENCY_ID, UTCDateTime, identifier, line

TYPES = 50
_STATES = ("waiting", "delivered", "parked")


class Types(fields.Field[Any]):
    """Names of event types, or "*" for all that the scope offers."""

    def __init__(self, **options: Any) -> None:
        description = 'Event types, or "*" for all that the scope offers.'
        super().__init__(**options, metadata={"description": description, **_TYPES})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if value == "*":
            return EVERYTHING
        named = isinstance(value, list) and all(isinstance(one, str) and len(one) <= 100 for one in value)
        if not named or not 1 <= len(value) <= TYPES:
            raise ValidationError(f'Must be "*" or a list of 1 to {TYPES} event types.')
        return tuple(dict.fromkeys(value))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return "*" if tuple(value) == EVERYTHING else list(value)


_TYPES = {"oneOf": [{"const": "*"}, {"type": "array", "items": {"type": "string"}, "maxItems": TYPES}]}


def _url(**options: Any) -> fields.String:
    description = "Where webhooks go (https); null for a stream that is only read."
    return fields.String(
        allow_none=True, validate=validate.Length(1, 500), metadata={"description": description}, **options
    )


class SubscriptionBody(Schema):
    """A new subscription."""

    name = line(100)
    url = _url(load_default=None)
    scope = identifier(AGENCY_ID, required=True, metadata={"description": 'An agency\'s id, or "ministry".'})
    types = Types(load_default=EVERYTHING)


class ChangeBody(Schema):
    """What is to be otherwise."""

    url = _url()
    types = Types()
    enabled = fields.Boolean(truthy={True}, falsy={False})


class RotationBody(Schema):
    """How long the secret before the new one still signs."""

    keep_hours = fields.Integer(load_default=24, strict=True, validate=validate.Range(0, 24))


class SubscriptionSchema(Schema):
    """A subscription, and how its receiver does."""

    id = fields.String(required=True, metadata={"description": "Also the id of its stream."})
    name = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    scope = fields.String(required=True)
    types = Types(required=True)
    owner = fields.String(required=True, allow_none=True, metadata={"description": "The machine client."})
    state = fields.String(required=True, metadata={"description": "enabled, disabled or closed."})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it is not enabled."})
    created_at = UTCDateTime(required=True)
    rev = fields.Integer(required=True)


class HealthSchema(Schema):
    """How a receiver has answered of late."""

    failing_since = UTCDateTime(required=True, allow_none=True)
    rests_until = UTCDateTime(required=True, allow_none=True)


class SubscriptionViewSchema(SubscriptionSchema):
    """A subscription with how its receiver has answered of late."""

    health = fields.Nested(HealthSchema, required=True)


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


class DeliveryQuery(PageQuery):
    """Which deliveries."""

    state = fields.String(load_default=None, validate=validate.OneOf(_STATES))


class DeliverySchema(Schema):
    """One event on its way to one subscription; its id is the webhook-id of every attempt."""

    id = fields.String(required=True, attribute="delivery.id")
    subscription = fields.String(required=True, attribute="delivery.subscription")
    event = fields.String(required=True, attribute="delivery.event")
    type = fields.String(required=True, attribute="delivery.type")
    sequence = fields.Integer(required=True, attribute="delivery.sequence")
    state = fields.String(required=True, attribute="delivery.state")
    attempts = fields.Integer(required=True, attribute="delivery.attempts")
    error = fields.String(required=True, allow_none=True, attribute="delivery.error")
    created_at = UTCDateTime(required=True, attribute="delivery.created_at")
    delivered_at = UTCDateTime(required=True, allow_none=True, attribute="delivery.delivered_at")
    due = UTCDateTime(required=True, allow_none=True, metadata={"description": "The next attempt."})


class AttemptSchema(Schema):
    """One request of a delivery."""

    number = fields.Integer(required=True)
    at = UTCDateTime(required=True)
    status = fields.Integer(required=True, allow_none=True, attribute="answer.status")
    error = fields.String(required=True, allow_none=True, attribute="answer.error")
    milliseconds = fields.Integer(required=True, attribute="answer.milliseconds")
    said = fields.String(
        required=True, attribute="answer.excerpt", metadata={"description": "How the answer began."}
    )


class DeliveryViewSchema(DeliverySchema):
    """A delivery with its latest attempts."""

    tries = fields.List(fields.Nested(AttemptSchema), required=True, attribute="attempts")


class RetriedSchema(Schema):
    """How many deliveries were set going again."""

    retried = fields.Integer(required=True)
    more = fields.Boolean(required=True, metadata={"description": "Whether parked ones are left."})


class EventsQuery(Schema):
    """Which part of a stream."""

    after = fields.Integer(
        load_default=0, validate=validate.Range(0, 2**53), metadata={"description": "The last number known."}
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class EventsSchema(Schema):
    """Events of a stream, each byte for byte as in its webhook."""

    items = fields.List(fields.Dict(), required=True)
    next = fields.Integer(required=True, allow_none=True, metadata={"description": "`after` of the next."})
