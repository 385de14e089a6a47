"""What comes in over HTTP."""

from typing import Any

from marshmallow import Schema, fields, validate

from shared.web import PageQuery
from shared.web.fields import (
    AGENCY_ID,
    CYCLE_ID,
    SHA256,
    BoundedList,
    Number,
    UTCDateTime,
    identifier,
    line,
    words,
)

MOST_INDICATORS = 1000


def says(text: str) -> dict[str, Any]:
    """What stands beside a field in the API's description."""
    return {"metadata": {"description": text}}


class AppointmentSchema(Schema):
    """Who is appointed; `until` null: until further notice."""

    issuer = line(500, **says("As in the assessor's tokens (`iss`)."))
    subject = line(300, **says("As in the assessor's tokens (`sub`)."))
    name = line(200)
    employer = identifier(
        AGENCY_ID,
        load_default=None,
        allow_none=True,
        data_key="employer_agency",
        **says("The agency that it works for: a conflict of interest by itself."),
    )
    since = UTCDateTime(required=True)
    until = UTCDateTime(load_default=None, allow_none=True, **says("null: until further notice."))


class ReasonSchema(Schema):
    """An agency that an assessor may not assess, and why."""

    agency = identifier(AGENCY_ID, required=True)
    reason = words(1000, 1, required=True)


class ConflictsSchema(Schema):
    """Conflicts of interest: from the ministry all of them, from an assessor those to be added."""

    agencies = BoundedList(fields.Nested(ReasonSchema), required=True, validate=validate.Length(max=1000))


class CaseQuery(PageQuery):
    """Which cases."""

    cycle = identifier(CYCLE_ID, load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(["open", "finalised"]))


class TaskQuery(PageQuery):
    """Which tasks: open to be claimed, held by the caller, or all that the caller may know of."""

    cycle = identifier(CYCLE_ID, load_default=None)
    state = fields.String(
        load_default="open",
        validate=validate.OneOf(["open", "mine", "all"]),
        **says("open: to be claimed; mine: held by the caller; all: every one that it may know of."),
    )


class FenceSchema(Schema):
    """The fencing number that the claim gave."""

    fence = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 2**53 - 1),
        **says("The number that the newest claim of the task gave."),
    )


class ReleaseSchema(FenceSchema):
    """Giving a task back."""

    reason = words(500, 1, load_default=None, allow_none=True, **says("Kept in the audit trail only."))


class PinSchema(Schema):
    """A page of a file, or a paragraph of the minutes."""

    sha256 = identifier(SHA256, **says("A file of the case, with the `page`."))
    page = fields.Integer(strict=True, validate=validate.Range(1, 100_000), **says("From 1."))
    minutes = fields.Integer(
        strict=True,
        validate=validate.Range(1, 100_000),
        **says("A paragraph of the minutes, in the place of file and page."),
    )


class RatingSchema(FenceSchema):
    """A rating of one indicator; finishing needs all three texts."""

    value = Number(
        required=True,
        **says('What the edition allows: exact text such as "2.75" or "7/6", kept as written, or a number.'),
    )
    facts = words(
        load_default="", **says("What the evidence shows. May be empty until the task is finished.")
    )
    analysis = words(load_default="", **says("What follows from it. May be empty until then."))
    justification = words(load_default="", **says("Why it is this value. May be empty until then."))
    pins = BoundedList(fields.Nested(PinSchema), load_default=list, validate=validate.Length(max=100))


class MarkSchema(Schema):
    """An indicator to be clarified, and the question to the agency."""

    indicator = line(40, **says("Any of the edition, also one that this task does not ask."))
    question = words(5000, 1, required=True, **says("To the agency."))


class MarksSchema(FenceSchema):
    """All that the next stage has to clarify; an empty list takes earlier marks back."""

    indicators = BoundedList(
        fields.Nested(MarkSchema),
        required=True,
        validate=validate.Length(max=MOST_INDICATORS),
        **says("All of them: what is left out is taken back."),
    )
