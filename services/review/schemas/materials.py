"""What the agency handed in: answers and files."""

from marshmallow import Schema, fields

from services.review.schemas.descriptions import describe


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
