"""Streams."""

from marshmallow import Schema, fields, validate

from shared.web.fields import Whole


class EventsQuery(Schema):
    """Which part of a stream."""

    after = Whole(
        load_default=0, validate=validate.Range(0, 2**53), metadata={"description": "The last number known."}
    )
    limit = Whole(load_default=50, validate=validate.Range(1, 200))


class EventsSchema(Schema):
    """Events of a stream, each byte for byte as in its webhook."""

    items = fields.List(fields.Dict(), required=True)
    next = fields.Integer(required=True, allow_none=True, metadata={"description": "`after` of the next."})
