"""Tasks, and what their holders mark for the next stage."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, validate

from services.review.domain import ClarificationMark, MarkOrder, QuestionOrder
from services.review.schemas.descriptions import describe
from services.review.schemas.leases import LeaseInput, LeaseSchema
from services.review.schemas.ratings import RatingSchema
from shared.web import PageQuery
from shared.web.fields import CYCLE_ID, BoundedList, UTCDateTime, identifier, line, words

MOST_INDICATORS = 1000


class TaskQuery(PageQuery):
    """Which tasks: open to be claimed, held by the caller, or all that the caller may know of."""

    cycle = identifier(CYCLE_ID, load_default=None)
    state = fields.String(
        load_default="open",
        validate=validate.OneOf(["open", "mine", "all"]),
        **describe("open: to be claimed; mine: held by the caller; all: every one that it may know of."),
    )


class MarkInput(Schema):
    """An indicator to be clarified, and the question to the agency."""

    indicator = line(40, **describe("Any of the edition, also one that this task does not ask."))
    question = words(5000, 1, required=True, **describe("To the agency."))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> ClarificationMark:
        """Give the typed input."""
        return ClarificationMark(**data)


class MarksInput(LeaseInput):
    """All that the next stage has to clarify; an empty list takes earlier marks back."""

    example: ClassVar[dict[str, Any]] = {
        "fence": 1,
        "indicators": [{"indicator": "7", "question": "Where is the decree?"}],
    }
    indicators = BoundedList(
        fields.Nested(MarkInput),
        required=True,
        validate=validate.Length(max=MOST_INDICATORS),
        **describe("All of them: what is left out is taken back."),
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> MarkOrder:
        """Give the typed input."""
        return MarkOrder(data["fence"], tuple(data["indicators"]))


class QuestionInput(LeaseInput):
    """What to ask the agency about one indicator."""

    example: ClassVar[dict[str, Any]] = {"fence": 1, "question": "Di mana keputusannya?"}
    question = words(5000, required=True, **describe("To the agency; empty takes it back."))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> QuestionOrder:
        """Give the typed input."""
        return QuestionOrder(**data)


class TaskSchema(LeaseSchema):
    """A task of one stage of a case."""

    cycle = fields.String(required=True)
    agency = fields.String(required=True)
    assessor = fields.String(
        required=True,
        allow_none=True,
        **describe("Who holds or finished it; in lists for the ministry only."),
    )
    asked = fields.Integer(required=True, **describe("Indicators to be rated."))
    done = fields.Integer(
        required=True,
        allow_none=True,
        **describe("Indicators that its last holder rated; null when that is somebody else."),
    )
    opened_at = UTCDateTime(required=True)
    finished_at = UTCDateTime(required=True, allow_none=True)


class OwnTaskSchema(TaskSchema):
    """The caller's own task, with what it rated and marked so far."""

    indicators = fields.List(fields.String(), required=True, **describe("To be rated."))
    ratings = fields.List(
        fields.Nested(RatingSchema), required=True, **describe("The newest of each so far.")
    )
    questions = fields.List(
        fields.Nested(MarkInput), required=True, **describe("What the stage before marked.")
    )
    marks = fields.List(fields.Nested(MarkInput), required=True, **describe("What the caller marked so far."))


class MarkedTaskSchema(LeaseSchema):
    """The task with its marks."""

    marks = fields.List(fields.Nested(MarkInput), required=True)
