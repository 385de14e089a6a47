"""Deliveries and their attempts."""

from marshmallow import Schema, fields, validate

from services.notify.domain import DeliveryPlace
from services.notify.queries import TrackedDelivery
from shared.web import PageQuery
from shared.web.fields import UTCDateTime
from shared.web.paging import Position, milliseconds, moment


class DeliveryQuery(PageQuery):
    """Which deliveries."""

    state = fields.String(load_default=None, validate=validate.OneOf(["waiting", "delivered", "parked"]))


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
    status = fields.Integer(required=True, allow_none=True, attribute="response.status")
    error = fields.String(required=True, allow_none=True, attribute="response.error")
    milliseconds = fields.Integer(required=True, attribute="response.milliseconds")
    said = fields.String(
        required=True, attribute="response.excerpt", metadata={"description": "How the answer began."}
    )


class DeliveryDetailSchema(DeliverySchema):
    """A delivery with its latest attempts."""

    tries = fields.List(fields.Nested(AttemptSchema), required=True, attribute="attempts")


class RetriedSchema(Schema):
    """How many deliveries were set going again."""

    retried = fields.Integer(required=True)
    more = fields.Boolean(required=True, metadata={"description": "Whether parked ones are left."})


def place_at(position: Position) -> DeliveryPlace:
    """The place that a cursor says."""
    at, sequence, id = position
    return DeliveryPlace(moment(at), int(sequence), str(id))


def place_of(row: TrackedDelivery) -> Position:
    """What a cursor says of a delivery."""
    delivery = row.delivery
    return milliseconds(delivery.created_at), delivery.sequence, delivery.id
