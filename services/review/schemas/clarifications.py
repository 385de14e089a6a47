"""Questions to the agency, and its answers."""

from marshmallow import Schema, fields

from services.review.schemas.descriptions import describe
from services.review.schemas.materials import SubmittedFileSchema
from shared.web.fields import UTCDateTime


class ClarificationAnswerSchema(Schema):
    """What the agency answered, for good."""

    words = fields.String(required=True)
    words_sha256 = fields.String(required=True)
    files = fields.List(
        fields.Nested(SubmittedFileSchema),
        required=True,
        **describe("Opened like those of the submission, whose seal they are no part of."),
    )
    answered_at = UTCDateTime(required=True)
    version = fields.Integer(required=True, **describe("Which asking it answers."))


class ClarificationSchema(Schema):
    """A question to the agency; it never blocks what the assessors do."""

    id = fields.String(required=True)
    stage = fields.String(required=True, **describe("The stage that goes by the answer."))
    indicator = fields.String(required=True)
    question = fields.String(required=True)
    version = fields.Integer(required=True, **describe("How often it was asked, from 1."))
    state = fields.String(
        required=True,
        **describe("open, answered, withdrawn, or unanswered when its time is over."),
    )
    asked_at = UTCDateTime(required=True)
    until = UTCDateTime(required=True, **describe("Until when the agency may answer."))
    withdrawn_at = UTCDateTime(required=True, allow_none=True)
    answer = fields.Nested(ClarificationAnswerSchema, required=True, allow_none=True)
