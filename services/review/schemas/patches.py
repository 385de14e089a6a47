"""Several ratings at once: each is read by itself, so that what is wrong with one does not hold up the others."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, validate

from services.review.domain.patches import PatchOrder, RatingPatch
from services.review.schemas.descriptions import describe
from services.review.schemas.leases import LeaseInput
from services.review.schemas.ratings import PinInput, RatingSchema, accepted_evidence, met_conditions
from shared.core.patches import MOST_PATCHES
from shared.web.fields import BoundedList, Number, words
from shared.web.patches import EachByItself, OutcomeSchema, outcome_field, seen_version


class RatingPatchInput(Schema):
    """The fields of one rating that its sender changed, and the version that was changed; other fields stay."""

    indicator = fields.String(required=True, validate=validate.Length(1, 40))
    version = seen_version()
    value = Number(**describe("3, 2.75, or a text such as 7/6; a rating without one is kept, not finished."))
    facts = words()
    analysis = words()
    justification = words()
    pins = BoundedList(fields.Nested(PinInput), validate=validate.Length(max=100))
    conditions = met_conditions()
    accepted = accepted_evidence()

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> RatingPatch:
        """Give the domain's value."""
        changes = {name: sent for name, sent in data.items() if name not in {"indicator", "version"}}
        for listed in ("pins", "conditions", "accepted"):
            if listed in changes:
                changes[listed] = tuple(changes[listed])
        return RatingPatch(data["indicator"], data["version"], changes)


class RatingPatchesInput(LeaseInput):
    """Changes of several ratings."""

    example: ClassVar[dict[str, Any]] = {
        "fence": 1,
        "ratings": [
            {"indicator": "1", "version": 3, "facts": "Peraturan Wali Kota 12/2025, pasal 3 dan 4."},
            {"indicator": "2", "version": 0, "value": "3"},
        ],
    }
    ratings = BoundedList(
        EachByItself(RatingPatchInput), required=True, validate=validate.Length(1, MOST_PATCHES)
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> PatchOrder:
        """Give the typed input."""
        return PatchOrder(data["fence"], tuple(data["ratings"]))


class YourRatingSchema(Schema):
    """A stale patch as it was sent."""

    version = fields.Integer(required=True)
    value = fields.Raw(metadata={"type": ["number", "string"]})
    facts = fields.String()
    analysis = fields.String()
    justification = fields.String()
    pins = fields.List(fields.Nested(PinInput))
    conditions = fields.List(fields.String())
    accepted = fields.List(fields.String())


class RatingOutcomeSchema(OutcomeSchema):
    """What became of one item."""

    outcome = outcome_field("version", "another window")
    version = fields.Integer(required=True, **describe("The version that is kept now; 0: none."))
    merged = fields.Boolean(
        required=True,
        **describe("Saved over a newer version than was seen, in which other fields had changed."),
    )
    stored = fields.Nested(RatingSchema, required=True, allow_none=True)
    yours = fields.Nested(YourRatingSchema, required=True, allow_none=True)


class RatingOutcomesSchema(Schema):
    """What became of each item, in the order of the request."""

    ratings = fields.List(fields.Nested(RatingOutcomeSchema), required=True)
