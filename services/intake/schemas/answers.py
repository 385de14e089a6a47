"""The self-assessment."""

from collections.abc import Mapping
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake import domain
from shared.core.errors import Invalid
from shared.web.fields import SHA256, BoundedList, Number, UTCDateTime, identifier, line, words


def file_name(raw: str) -> str:
    """A file's name as uploads take it; ValidationError otherwise."""
    try:
        return domain.safe_name(raw)
    except Invalid as problem:
        raise ma.ValidationError(problem.detail) from problem


class FileName(fields.String):
    """The agency's name for a file."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        return file_name(super()._deserialize(value, attr, data, **more))


class ExhibitInput(Schema):
    """A file that an answer rests on; it may be named before its bytes have come."""

    sha256 = identifier(SHA256, required=True)
    name = FileName(required=True, validate=validate.Length(1, 255))
    size = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 2**40))

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Exhibit:
        """Give the domain's value."""
        return domain.Exhibit(**data)


class AnswerInput(Schema):
    """The agency's own answer to one indicator."""

    example: ClassVar[dict[str, Any]] = {
        "value": "2.75",
        "facts": "Peraturan Wali Kota 12/2025, pasal 3.",
        "analysis": "Memenuhi.",
        "evidence": [
            {
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "name": "perwali-12.pdf",
                "size": 81920,
            }
        ],
    }
    value = Number(required=True, metadata={"description": "3, 2.75, or a text such as 7/6."})
    facts = words(required=True)
    analysis = words(required=True)
    evidence = BoundedList(fields.Nested(ExhibitInput), load_default=(), validate=validate.Length(max=200))
    subject = line(300, required=False, load_default=None, allow_none=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.AnswerDraft:
        """Give the domain's value."""
        return domain.AnswerDraft(**data | {"evidence": tuple(data["evidence"])})


class AnswerSchema(Schema):
    """A saved answer; `rev` is its ETag."""

    indicator = fields.String(required=True)
    value = fields.String(
        required=True, metadata={"description": "Empty until one is chosen: then it is no answer yet."}
    )
    facts = fields.String(required=True)
    analysis = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True)
    evidence = fields.List(fields.Nested(ExhibitInput), required=True)
    saved_at = UTCDateTime(required=True, allow_none=True)
    saved_by = fields.String(required=True)
    rev = fields.Integer(required=True)


class NamedFileSchema(Schema):
    """A file that some answer names, and whether its bytes have come."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True, allow_none=True)
    arrived = fields.Boolean(required=True)


class SelfAssessmentSchema(Schema):
    """How far a self-assessment is; the agency's own people get codes, answers, missing and files too."""

    participation = fields.String(required=True)
    edition = fields.String(required=True)
    state = fields.String(required=True)
    deadline = UTCDateTime(required=True)
    answered = fields.Integer(required=True)
    of = fields.Integer(required=True)
    codes = fields.List(fields.String(), attribute="contents.codes")
    answers = fields.List(fields.Nested(AnswerSchema), attribute="contents.answers")
    missing = fields.List(fields.String(), attribute="contents.missing")
    files = fields.List(fields.Nested(NamedFileSchema), attribute="contents.files")
    ticks = fields.Dict(
        fields.String(),
        fields.List(fields.String()),
        attribute="contents.ticks",
        metadata={
            "description": "Conditions that are ticked, by indicator: for the agency itself, never sealed."
        },
    )
