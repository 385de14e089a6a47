"""Results, and the decisions on them."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, validate

from services.scoring.domain import DecisionOrder
from services.scoring.schemas.scores import NodeSchema
from shared.web import PageQuery
from shared.web.fields import AGENCY_ID, CYCLE_ID, UTCDateTime, identifier, words


class ResultQuery(PageQuery):
    """Which results."""

    cycle = identifier(CYCLE_ID, load_default=None)
    agency = identifier(AGENCY_ID, load_default=None)


class DecisionInput(Schema):
    """What may go with an approval or a publication; the ministry alone can read it."""

    example: ClassVar[dict[str, Any]] = {"note": "Rapat pleno 12 November 2026."}
    note = words(2000, 1, load_default=None, allow_none=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> DecisionOrder:
        """Give the typed input."""
        return DecisionOrder(**data)


class DecisionSchema(Schema):
    """Who decided what, when."""

    what = fields.String(required=True, validate=validate.OneOf(["approved", "published"]))
    by = fields.String(required=True)
    at = UTCDateTime(required=True)
    note = fields.String(required=True, allow_none=True)


class ResultSummarySchema(Schema):
    """A result without its nodes."""

    id = fields.String(required=True, metadata={"description": "The submission whose result it is."})
    participation = fields.String(required=True, attribute="score.basis.participation")
    cycle = fields.String(required=True, attribute="score.basis.cycle")
    agency = fields.String(required=True, attribute="score.basis.agency")
    agency_name = fields.String(required=True, attribute="score.agency_name")
    edition = fields.String(required=True, attribute="score.basis.edition")
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["computed", "approved", "published"]))
    score = fields.String(required=True, attribute="score.id")
    index = fields.String(required=True, attribute="score.index")
    exact = fields.String(required=True, attribute="score.exact")
    predicate = fields.String(required=True, attribute="score.predicate")
    published_at = UTCDateTime(required=True, allow_none=True)
    rev = fields.Integer(required=True)


class ResultSchema(ResultSummarySchema):
    """A result with every node; the decisions that led to it are shown to the ministry only."""

    nodes = fields.List(fields.Nested(NodeSchema), required=True, attribute="score.nodes")
    decisions = fields.List(fields.Nested(DecisionSchema), required=True)
