"""Cases: what was handed in, how their stages ended, links to the evidence."""

from marshmallow import Schema, fields, validate

from services.review.schemas.descriptions import describe
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


class SubmittedAnswerSchema(Schema):
    """What the agency says of one indicator."""

    indicator = fields.String(required=True)
    value = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True, **describe("What the agency names as assessed."))
    facts = fields.String(required=True, allow_none=True)
    analysis = fields.String(required=True, allow_none=True)
    evidence = fields.List(fields.String(), required=True, **describe("Files, by SHA-256."))
    words_sha256 = fields.String(required=True)


class FileFindingSchema(Schema):
    """Something doubtful about a file: a code, and a sentence."""

    code = fields.String(required=True)
    detail = fields.String(required=True)


class SubmittedFileSchema(Schema):
    """A file of the submission."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True, **describe("In bytes."))
    type = fields.String(
        required=True, allow_none=True, **describe("By its content; null when it is missing.")
    )
    pages = fields.Integer(
        required=True, allow_none=True, **describe("null where it has none, or nobody can count them.")
    )
    findings = fields.List(
        fields.Nested(FileFindingSchema), required=True, **describe("What its inspection found doubtful.")
    )
    replaces = fields.String(
        required=True,
        allow_none=True,
        **describe(
            "The sealed file, by SHA-256, that was refused and in whose place the agency named this one."
        ),
    )


class MissingFileSchema(Schema):
    """A file that nobody can open."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True, **describe("absent, too-large, or the code of its refusal."))
    replaced_by = fields.String(
        required=True,
        allow_none=True,
        **describe("The file, by SHA-256, that the agency named in its place."),
    )


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
    task = fields.Nested(OwnTaskSchema, required=True, allow_none=True)


class LinkSchema(Schema):
    """Where the file or the words are, for this caller, until a moment."""

    url = fields.String(
        required=True, **describe("To be fetched with the caller's own token; refused to others.")
    )
    until = UTCDateTime(required=True)
