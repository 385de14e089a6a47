"""Cases: what was handed in, how their stages ended, links to the evidence."""

from marshmallow import Schema, fields, validate

from services.review.schemas.clarifications import ClarificationSchema
from services.review.schemas.descriptions import describe
from services.review.schemas.materials import MissingFileSchema, SubmittedAnswerSchema, SubmittedFileSchema
from services.review.schemas.ratings import RatingSchema
from services.review.schemas.tasks import OwnTaskSchema
from shared.web import PageQuery
from shared.web.fields import CYCLE_ID, UTCDateTime, identifier


class CaseQuery(PageQuery):
    """Which cases."""

    cycle = identifier(CYCLE_ID, load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(["open", "finalised"]))


class CaseSchema(Schema):
    """A case; `stage` is the one under way."""

    id = fields.String(required=True)
    submission = fields.String(required=True)
    participation = fields.String(required=True)
    cycle = fields.String(required=True)
    agency = fields.String(required=True)
    edition = fields.String(required=True)
    activity = fields.String(required=True)
    state = fields.String(required=True, **describe("open or finalised."))
    stage = fields.String(
        required=True, allow_none=True, **describe("The one under way; null once all are over.")
    )
    stages = fields.List(
        fields.String(),
        required=True,
        **describe("All of the activity; an optional one is passed over unless the ministry wants it."),
    )
    opened_at = UTCDateTime(required=True)
    finalised_at = UTCDateTime(required=True, allow_none=True)


class CompletedStageSchema(Schema):
    """A completed stage."""

    stage = fields.String(required=True)
    closed_by = fields.String(required=True, **describe("agency, task or carry-over."))
    completed_at = UTCDateTime(required=True)
    set_hash = fields.String(required=True, **describe("Names exactly these ratings."))
    ratings = fields.List(fields.Nested(RatingSchema), required=True)


class CaseDetailSchema(CaseSchema):
    """A case with what the agency handed in and how the stages so far ended."""

    answers = fields.List(fields.Nested(SubmittedAnswerSchema), required=True)
    words_included = fields.Boolean(
        required=True,
        **describe(
            "false: `facts`, `analysis` and `subject` are too long to stand here; fetch them by …/words."
        ),
    )
    files = fields.List(fields.Nested(SubmittedFileSchema), required=True)
    missing = fields.List(
        fields.Nested(MissingFileSchema), required=True, **describe("Those of `files` that cannot be opened.")
    )
    completed = fields.List(fields.Nested(CompletedStageSchema), required=True)
    clarifications = fields.List(
        fields.Nested(ClarificationSchema), required=True, **describe("What the agency was asked since.")
    )
    task = fields.Nested(OwnTaskSchema, required=True, allow_none=True)


class LinkSchema(Schema):
    """Where the file or the words are, for this caller, until a moment."""

    url = fields.String(
        required=True, **describe("To be fetched with the caller's own token; refused to others.")
    )
    until = UTCDateTime(required=True)
