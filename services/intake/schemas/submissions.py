"""Sealed submissions, proofs, and explanations by link."""

from typing import Any

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake.schemas.sealing import ConsentInput, MinutesInput
from shared.web.fields import SHA256, UTCDateTime, identifier


class SealedAnswerSchema(Schema):
    """One sealed answer with its explanation."""

    indicator = fields.String(required=True)
    value = fields.String(required=True)
    evidence = fields.List(fields.String(), required=True)
    words_sha256 = fields.String(required=True)
    facts = fields.String(required=True, attribute="explanation.facts")
    analysis = fields.String(required=True, attribute="explanation.analysis")
    subject = fields.String(attribute="explanation.subject")


class SealedFileSchema(Schema):
    """One sealed file."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)


class MissingSchema(Schema):
    """A sealed file that never came or may not be used: absent, too-large, or the code of its refusal."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True)
    replaced_by = fields.String(required=True, allow_none=True)


class ReplacementSchema(Schema):
    """A file (`by`) in the place of a sealed one (`sha256`) that was refused."""

    sha256 = fields.String(required=True)
    by = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    at = UTCDateTime(required=True)


class SubmissionSchema(Schema):
    """What an agency sealed, and whether every byte of it has come."""

    id = fields.String(required=True, attribute="submission.id")
    participation = fields.String(required=True, attribute="submission.participation")
    cycle = fields.String(required=True, attribute="submission.cycle")
    agency = fields.String(required=True, attribute="submission.agency")
    edition = fields.String(required=True, attribute="submission.edition")
    edition_hash = fields.String(required=True, attribute="submission.edition_hash")
    version = fields.Integer(required=True, attribute="submission.version")
    state = fields.String(required=True, attribute="submission.state")
    sealed_at = UTCDateTime(required=True, attribute="submission.sealed_at")
    sealed_by = fields.String(required=True, attribute="submission.sealed_by")
    bytes_until = UTCDateTime(required=True, attribute="submission.bytes_until")
    completed_at = UTCDateTime(required=True, allow_none=True, attribute="submission.completed_at")
    answers = fields.List(fields.Nested(SealedAnswerSchema), required=True)
    files = fields.List(fields.Nested(SealedFileSchema), required=True, attribute="submission.files")
    missing = fields.List(fields.Nested(MissingSchema), required=True, attribute="submission.missing")
    replacements = fields.List(
        fields.Nested(ReplacementSchema), required=True, attribute="submission.replacements"
    )
    minutes = fields.Nested(MinutesInput, required=True, attribute="submission.minutes")
    consent = fields.Nested(ConsentInput, required=True, attribute="submission.consent")


class ProofQuery(Schema):
    """Which part is to be proven: an answer by its indicator, or a file by its SHA-256."""

    answer = fields.String(load_default=None, validate=validate.Length(1, 40))
    file = identifier(SHA256, load_default=None)

    @ma.validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse none and both."""
        if (data["answer"] is None) == (data["file"] is None):
            raise ma.ValidationError("Name one part: ?answer=CODE or ?file=SHA256.")


class ProofSchema(Schema):
    """The place of one part under the receipt's root; an answer's proof shows its explanation."""

    type = fields.String(required=True)
    leaf = fields.Dict(required=True)
    index = fields.Integer(required=True)
    count = fields.Integer(required=True)
    path = fields.List(fields.String(), required=True)
    root = fields.String(required=True)
    explanation = fields.Dict()


class LinkQuery(Schema):
    """A link that review has signed."""

    link = fields.String(required=True, validate=validate.Length(1, 2048))


class ExplanationsSchema(Schema):
    """The explanations of a submission that was too large for its event."""

    submission = fields.String(required=True, attribute="submission.id")
    answers = fields.List(fields.Nested(SealedAnswerSchema), required=True)
