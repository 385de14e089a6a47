"""Sessions of browsers."""

from typing import Any, ClassVar

from marshmallow import Schema, fields

from shared.web.fields import UTCDateTime


class RenewalInput(Schema):
    """Whether somebody did something since the last renewal, such as typing."""

    example: ClassVar[dict[str, Any]] = {"deed": True}
    deed = fields.Boolean(load_default=False)


class SessionSchema(Schema):
    """A session: who has signed in, until when it counts without being renewed, and when it ends."""

    name = fields.String(required=True)
    until = UTCDateTime(required=True)
    end = UTCDateTime(required=True)
