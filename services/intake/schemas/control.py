"""Where the agencies of a cycle are, for the ministry."""

from marshmallow import Schema, fields, validate

from services.intake.domain.control import PLACES
from shared.web import PageQuery
from shared.web.fields import UTCDateTime


class ControlSchema(Schema):
    """How many agencies of a cycle are at which place; each is at several (`review`, `stage.document.open`)."""

    cycle = fields.String(required=True, attribute="cycle.id")
    all = fields.Integer(required=True)
    numbers = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class PlacedQuery(PageQuery):
    """Which agencies of a cycle: those at a place, whose name or id says every word of `q`."""

    at = fields.String(load_default=None, validate=validate.OneOf(PLACES))
    q = fields.String(load_default=None, validate=validate.Length(1, 100))


class PlacedSchema(Schema):
    """Where an agency is in a cycle; `since` is null as far as nothing tells."""

    participation = fields.String(required=True, attribute="view.participation.id")
    agency = fields.String(required=True, attribute="agency.id")
    name = fields.String(required=True, attribute="agency.name")
    activity = fields.String(required=True, attribute="view.participation.activity")
    step = fields.String(required=True, attribute="place.step")
    late = fields.Boolean(required=True, attribute="place.late")
    stage = fields.String(required=True, attribute="place.stage")
    task = fields.String(required=True, attribute="place.task")
    since = UTCDateTime(required=True, allow_none=True)
    deadline = UTCDateTime(required=True, attribute="view.windows.deadline")
