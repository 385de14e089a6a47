"""Scores."""

from marshmallow import Schema, fields, validate

from shared.web import PageQuery
from shared.web.fields import AGENCY_ID, CYCLE_ID, RECEIPT, UTCDateTime, identifier

STAGE = r"[a-z][a-z-]{0,30}"


class ScoreQuery(PageQuery):
    """Which scores."""

    cycle = identifier(CYCLE_ID, load_default=None)
    agency = identifier(AGENCY_ID, load_default=None)
    stage = identifier(
        STAGE,
        "a stage, such as document, or final",
        load_default=None,
        metadata={"description": "self, document, …, or final for those from the frozen set."},
    )


class NodeSchema(Schema):
    """One node of the tree."""

    code = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "The tier: domain, aspect, indicator."})
    index = fields.String(required=True, metadata={"description": "As displayed; an indicator's value."})
    exact = fields.String(required=True, metadata={"description": 'As a fraction: "1179/400".'})
    weight = fields.String(required=True, metadata={"description": "As the edition writes it."})
    contribution = fields.String(
        required=True, metadata={"description": "What it adds to the whole index, as a fraction."}
    )
    origin = fields.String(
        required=True,
        metadata={
            "description": "Where a value comes from that nobody gave: external (an index of another ministry), or "
            "assumed until that comes."
        },
    )


class _IndexSchema(Schema):
    index = fields.String(required=True, metadata={"description": "As displayed."})
    exact = fields.String(required=True, metadata={"description": 'As a fraction: "1179/400".'})
    predicate = fields.String(required=True)


class ScoreSummarySchema(_IndexSchema):
    """A score without its nodes."""

    id = fields.String(required=True)
    submission = fields.String(required=True, attribute="basis.submission")
    participation = fields.String(required=True, attribute="basis.participation")
    cycle = fields.String(required=True, attribute="basis.cycle")
    agency = fields.String(required=True, attribute="basis.agency")
    agency_name = fields.String(required=True, metadata={"description": "When it was computed."})
    edition = fields.String(required=True, attribute="basis.edition")
    edition_hash = fields.String(required=True)
    guide_version = fields.String(required=True)
    stage = fields.String(required=True, attribute="basis.stage")
    kind = fields.String(
        required=True, attribute="basis.kind", validate=validate.OneOf(["provisional", "final"])
    )
    set_hash = fields.String(
        required=True, attribute="basis.set_hash", metadata={"description": "Names the set of values."}
    )
    computed_at = UTCDateTime(required=True)


class ScoreSchema(ScoreSummarySchema):
    """A score with every node; a final one has a receipt."""

    nodes = fields.List(fields.Nested(NodeSchema), required=True)
    receipt = fields.Raw(required=True, allow_none=True, metadata=RECEIPT)
