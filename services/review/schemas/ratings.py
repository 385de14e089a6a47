"""Ratings and what they point at."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, validate

from services.review.domain import Explanation, Pin, RatingOrder
from services.review.schemas.descriptions import describe
from services.review.schemas.leases import LeaseInput
from shared.web.fields import SHA256, BoundedList, Number, UTCDateTime, identifier, words

MOST_CONDITIONS = 200


def per_mille(side: str, edge: str) -> fields.Integer:
    """A place on a page, along one of its sides."""
    return fields.Integer(
        strict=True,
        validate=validate.Range(0, 1000),
        **describe(f"The place on the page, in thousandths of its {side} from the {edge} edge."),
    )


def ticked(what: str, **options: Any) -> fields.Field[Any]:
    """Codes of what a rating holds to be there."""
    return BoundedList(
        fields.String(validate=validate.Length(1, 40)),
        validate=validate.Length(max=MOST_CONDITIONS),
        **describe(f"{what}, by their codes."),
        **options,
    )


def met_conditions(**options: Any) -> fields.Field[Any]:
    """The conditions of an indicator's levels that a rating holds to be met."""
    return ticked("The conditions of the levels that are met", **options)


def accepted_evidence(**options: Any) -> fields.Field[Any]:
    """The kinds of evidence with a code that a rating accepts."""
    return ticked("The kinds of evidence that are accepted", **options)


class PinInput(Schema):
    """A page of a file, or a paragraph of the minutes."""

    sha256 = identifier(SHA256, **describe("A file of the case, with the `page`."))
    page = fields.Integer(strict=True, validate=validate.Range(1, 100_000), **describe("From 1."))
    minutes = fields.Integer(
        strict=True,
        validate=validate.Range(1, 100_000),
        **describe("A paragraph of the minutes, in the place of file and page."),
    )

    x = per_mille("width", "left")
    y = per_mille("height", "upper")

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Pin:
        """Give the typed input."""
        return Pin(**data)


class RatingInput(LeaseInput):
    """A rating of one indicator; finishing needs all three texts."""

    example: ClassVar[dict[str, Any]] = {
        "fence": 1,
        "value": 3,
        "facts": "Peraturan Wali Kota 12/2025, pasal 3.",
        "analysis": "Ditetapkan dan diumumkan.",
        "justification": "Semua kriteria tingkat 3 terpenuhi.",
        "pins": [{"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "page": 4}],
    }
    value = Number(
        required=True,
        **describe(
            'What the edition allows: exact text such as "2.75" or "7/6", kept as written, or a number.'
        ),
    )
    facts = words(
        load_default="", **describe("What the evidence shows. May be empty until the task is finished.")
    )
    analysis = words(load_default="", **describe("What follows from it. May be empty until then."))
    justification = words(load_default="", **describe("Why it is this value. May be empty until then."))
    pins = BoundedList(fields.Nested(PinInput), load_default=list, validate=validate.Length(max=100))
    conditions = met_conditions(load_default=list)
    accepted = accepted_evidence(load_default=list)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> RatingOrder:
        """Give the typed input."""
        explanation = Explanation(data["facts"], data["analysis"], data["justification"])
        lists = {name: tuple(data[name]) for name in ("pins", "conditions", "accepted")}
        return RatingOrder(data["fence"], data["value"], explanation, **lists)


class PinSchema(Schema):
    """A page of a file, or a paragraph of the minutes; null what it is not."""

    sha256 = fields.String(required=True, allow_none=True)
    page = fields.Integer(required=True, allow_none=True)
    minutes = fields.Integer(required=True, allow_none=True)
    x = fields.Integer(required=True, allow_none=True)
    y = fields.Integer(required=True, allow_none=True)


class RatingSchema(Schema):
    """A rating, as it stands for ever."""

    id = fields.String(required=True)
    stage = fields.String(required=True)
    indicator = fields.String(required=True)
    value = fields.String(
        required=True, **describe("Exact text; empty while a rating of a task has words only.")
    )
    origin = fields.String(
        required=True,
        **describe("own, carried over from the stage before, or, where nobody rates, external or assumed."),
    )
    version = fields.Integer(
        required=True, **describe("Counts the author's ratings of an indicator in a task.")
    )
    author = fields.String(required=True, allow_none=True, **describe("For the ministry only."))
    facts = fields.String(attribute="explanation.facts")
    analysis = fields.String(attribute="explanation.analysis")
    justification = fields.String(attribute="explanation.justification")
    words_sha256 = fields.String(required=True)
    pins = fields.List(fields.Nested(PinSchema), required=True)
    conditions = fields.List(
        fields.String(),
        required=True,
        **describe("Those of the levels that its author holds to be met, by their codes."),
    )
    accepted = fields.List(
        fields.String(),
        required=True,
        **describe("The kinds of evidence that its author accepts, by their codes."),
    )
    carried_from = fields.String(
        required=True, allow_none=True, **describe("The stage before, if carried over.")
    )
    source = fields.String(
        required=True, allow_none=True, **describe("The rating whose words a carried one stands on.")
    )
    at = UTCDateTime(required=True)


class SavedRatingSchema(Schema):
    """A saved rating."""

    rating = fields.String(required=True, attribute="id")
    indicator = fields.String(required=True)
    value = fields.String(required=True)
    version = fields.Integer(required=True)
    saved_at = UTCDateTime(required=True, attribute="at")
