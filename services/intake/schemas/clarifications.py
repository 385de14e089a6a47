"""Questions of the assessors, and the agency's answers."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake.domain.clarification_answers import LONGEST_WORDS, MOST_NAMED, ClarificationDraft
from services.intake.schemas.answers import ExhibitInput
from shared.web.fields import BoundedList, UTCDateTime, words


class ClarificationAnswerInput(Schema):
    """What the agency answers, until it is sent."""

    example: ClassVar[dict[str, Any]] = {
        "words": "Keputusannya terlampir, halaman 3.",
        "evidence": [
            {
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "name": "keputusan-7.pdf",
                "size": 81920,
            }
        ],
    }
    words = words(LONGEST_WORDS, required=True)
    evidence = BoundedList(
        fields.Nested(ExhibitInput), load_default=(), validate=validate.Length(max=MOST_NAMED)
    )

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> ClarificationDraft:
        """Give the domain's value."""
        return ClarificationDraft(data["words"], tuple(data["evidence"]))


class ClarificationAnswerSchema(Schema):
    """An answer; `rev` is its ETag. Once `sent_at` is there it stands for good."""

    words = fields.String(required=True)
    words_sha256 = fields.String(required=True)
    evidence = fields.List(fields.Nested(ExhibitInput), required=True)
    saved_at = UTCDateTime(required=True)
    saved_by = fields.String(required=True)
    sent_at = UTCDateTime(required=True, allow_none=True)
    sent_by = fields.String(required=True, metadata={"description": "Empty until it is sent."})
    rev = fields.Integer(required=True)


class ClarificationSchema(Schema):
    """A question about an indicator, and the answer so far; who asks is not said."""

    id = fields.String(required=True, attribute="clarification.id")
    indicator = fields.String(required=True, attribute="clarification.indicator")
    stage = fields.String(
        required=True,
        attribute="clarification.stage",
        metadata={"description": "The stage of the review that goes by the answer."},
    )
    question = fields.String(required=True, metadata={"description": "Once answered, as it was then."})
    state = fields.String(
        required=True,
        metadata={
            "description": "open, answered, withdrawn, late (its time is over) or over (its stage is, or all)."
        },
    )
    asked_at = UTCDateTime(required=True, attribute="clarification.asked_at")
    until = UTCDateTime(
        required=True,
        attribute="clarification.until",
        metadata={"description": "Until when it may be answered, if its stage lasts so long."},
    )
    answer = fields.Nested(ClarificationAnswerSchema, required=True, allow_none=True)
