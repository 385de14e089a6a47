"""Several answers at once: each is read by itself, so that what is wrong with one does not hold up the others."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake.domain.patches import AnswerPatch
from services.intake.schemas.answers import AnswerSchema, ExhibitInput
from shared.core.patches import MOST_PATCHES
from shared.web.fields import BoundedList, Number, line, words
from shared.web.patches import EachByItself, OutcomeSchema, outcome_field, seen_version


class AnswerPatchInput(Schema):
    """The fields of one answer that its sender changed, and the version that was changed; other fields stay."""

    indicator = fields.String(required=True, validate=validate.Length(1, 40))
    rev = seen_version()
    value = Number(
        metadata={
            "description": "3, 2.75, or a text such as 7/6; an answer without one is kept and counts as none."
        }
    )
    facts = words()
    analysis = words()
    evidence = BoundedList(fields.Nested(ExhibitInput), validate=validate.Length(max=200))
    subject = line(300, required=False, allow_none=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> AnswerPatch:
        """Give the domain's value."""
        changes = {name: sent for name, sent in data.items() if name not in {"indicator", "rev"}}
        if "evidence" in changes:
            changes["evidence"] = tuple(changes["evidence"])
        return AnswerPatch(data["indicator"], data["rev"], changes)


class PatchesInput(Schema):
    """Changes of several answers."""

    example: ClassVar[dict[str, Any]] = {
        "answers": [
            {"indicator": "1", "rev": 3, "facts": "Peraturan Wali Kota 12/2025, pasal 3 dan 4."},
            {"indicator": "2", "rev": 0, "value": "3"},
        ]
    }
    answers = BoundedList(
        EachByItself(AnswerPatchInput), required=True, validate=validate.Length(1, MOST_PATCHES)
    )


class YoursSchema(Schema):
    """A stale patch as it was sent."""

    rev = fields.Integer(required=True)
    value = fields.Raw(metadata={"type": ["number", "string"]})
    facts = fields.String()
    analysis = fields.String()
    evidence = fields.List(fields.Nested(ExhibitInput))
    subject = fields.String(allow_none=True)


class PatchOutcomeSchema(OutcomeSchema):
    """What became of one item."""

    outcome = outcome_field("rev", "somebody else")
    rev = fields.Integer(required=True, metadata={"description": "The version that is kept now; 0: none."})
    merged = fields.Boolean(
        required=True,
        metadata={
            "description": "Saved over a newer version than was seen, in which other fields had changed: `stored` "
            "holds both."
        },
    )
    stored = fields.Nested(AnswerSchema, required=True, allow_none=True)
    yours = fields.Nested(YoursSchema, required=True, allow_none=True)


class PatchOutcomesSchema(Schema):
    """What became of each item, in the order of the request."""

    answers = fields.List(fields.Nested(PatchOutcomeSchema), required=True)
