"""What comes in and goes out over HTTP."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from shared.web import PageQuery

ID = validate.Length(1, 128)
WORDS = validate.Length(max=20_000)
SHA256 = validate.Regexp(r"\A[0-9a-f]{64}\Z", error="Give a SHA-256 as 64 small hexadecimal digits.")
AGENCY = validate.Regexp(r"\A[a-z0-9][a-z0-9-]{1,62}\Z", error="Give an agency's id.")
MOST_INDICATORS = 1000


class Value(fields.Field[Any]):
    """An indicator's value: a number, or its exact text such as "2.75" or "7/6"."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 50:
            raise ValidationError('Give a number, or its exact text such as "2.75" or "7/6".')
        return value


# coming in


class AppointmentSchema(Schema):
    """Who is appointed; `until` null: until further notice."""

    issuer = fields.String(required=True, validate=validate.Length(1, 500))
    subject = fields.String(required=True, validate=validate.Length(1, 255))
    name = fields.String(required=True, validate=validate.Length(1, 200))
    employer = fields.String(load_default=None, allow_none=True, validate=AGENCY, data_key="employer_agency")
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(load_default=None, allow_none=True)


class ReasonSchema(Schema):
    """An agency that an assessor may not assess, and why."""

    agency = fields.String(required=True, validate=AGENCY)
    reason = fields.String(required=True, validate=validate.Length(1, 1000))


class ConflictsSchema(Schema):
    """Conflicts of interest: from the ministry all of them, from an assessor those to be added."""

    agencies = fields.List(fields.Nested(ReasonSchema), required=True, validate=validate.Length(max=1000))


class CaseQuery(PageQuery):
    """Which cases."""

    cycle = fields.String(load_default=None, validate=ID)
    state = fields.String(load_default=None, validate=validate.OneOf(["open", "finalised"]))


class TaskQuery(PageQuery):
    """Which tasks: open to be claimed, held by the caller, or all that the caller may know of."""

    cycle = fields.String(load_default=None, validate=ID)
    state = fields.String(load_default="open", validate=validate.OneOf(["open", "mine", "all"]))


class FenceSchema(Schema):
    """The fencing number that the claim gave."""

    fence = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**53 - 1))


class ReleaseSchema(FenceSchema):
    """Giving a task back."""

    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 500))


class PinSchema(Schema):
    """A page of a file, or a paragraph of the minutes."""

    sha256 = fields.String(validate=SHA256)
    page = fields.Integer(strict=True, validate=validate.Range(1, 100_000))
    minutes = fields.Integer(strict=True, validate=validate.Range(1, 100_000))


class RatingSchema(FenceSchema):
    """A rating of one indicator; finishing needs all three texts."""

    value = Value(required=True)
    facts = fields.String(load_default="", validate=WORDS)
    analysis = fields.String(load_default="", validate=WORDS)
    justification = fields.String(load_default="", validate=WORDS)
    pins = fields.List(fields.Nested(PinSchema), load_default=list, validate=validate.Length(max=100))


class MarkSchema(Schema):
    """An indicator to be clarified, and the question to the agency."""

    indicator = fields.String(required=True, validate=ID)
    question = fields.String(required=True, validate=validate.Length(1, 5000))


class MarksSchema(FenceSchema):
    """All that the next stage has to clarify; an empty list takes earlier marks back."""

    indicators = fields.List(
        fields.Nested(MarkSchema), required=True, validate=validate.Length(max=MOST_INDICATORS)
    )


# going out


class InterestSchema(ReasonSchema):
    """A declared conflict of interest."""

    declared_by = fields.String()
    declared_at = fields.AwareDateTime()


class AssessorSchema(AppointmentSchema):
    """An external assessor."""

    id = fields.String()
    conflicts = fields.List(fields.Nested(InterestSchema))


class CaseSchema(Schema):
    """A case; `stage` is the one under way."""

    id = fields.String()
    submission = fields.String()
    participation = fields.String()
    cycle = fields.String()
    agency = fields.String()
    edition = fields.String()
    activity = fields.String()
    state = fields.String()
    stage = fields.String(allow_none=True)
    stages = fields.List(fields.String())
    opened_at = fields.AwareDateTime()
    finalised_at = fields.AwareDateTime(allow_none=True)


class LeaseSchema(Schema):
    """A task under its holder's lease: every write names the fence, until the moment `until`."""

    id = fields.String()
    case = fields.String()
    stage = fields.String()
    state = fields.String()
    fence = fields.Integer(allow_none=True)
    until = fields.AwareDateTime(allow_none=True)


class TaskSchema(LeaseSchema):
    """A task; `asked` indicators, of which the last holder rated `done`."""

    cycle = fields.String()
    agency = fields.String()
    assessor = fields.String(allow_none=True)
    asked = fields.Integer()
    done = fields.Integer()
    opened_at = fields.AwareDateTime()
    finished_at = fields.AwareDateTime(allow_none=True)


class RatingViewSchema(Schema):
    """A rating; `author` for the ministry only, `source` names the row whose words a carried one stands on."""

    id = fields.String()
    stage = fields.String()
    indicator = fields.String()
    value = fields.String()
    origin = fields.String()
    version = fields.Integer()
    author = fields.String(allow_none=True)
    facts = fields.String()
    analysis = fields.String()
    justification = fields.String()
    words_sha256 = fields.String()
    pins = fields.List(fields.Dict())
    carried_from = fields.String(allow_none=True)
    source = fields.String(allow_none=True)
    at = fields.AwareDateTime()


class StageSchema(Schema):
    """A completed stage: closed by the agency, a task, or carry-over."""

    stage = fields.String()
    closed_by = fields.String()
    completed_at = fields.AwareDateTime()
    set_hash = fields.String()
    ratings = fields.List(fields.Nested(RatingViewSchema))


class OwnTaskSchema(TaskSchema):
    """The caller's own task, with what it rated and marked so far."""

    indicators = fields.List(fields.String())
    ratings = fields.List(fields.Nested(RatingViewSchema))
    questions = fields.List(fields.Nested(MarkSchema))
    marks = fields.List(fields.Nested(MarkSchema))


class CaseViewSchema(CaseSchema):
    """A case with what the agency handed in and how the stages so far ended."""

    answers = fields.List(fields.Dict())
    words_included = fields.Boolean()
    files = fields.List(fields.Dict())
    missing = fields.List(fields.Dict())
    completed = fields.List(fields.Nested(StageSchema))
    task = fields.Nested(OwnTaskSchema, allow_none=True)


class SavedSchema(Schema):
    """A saved rating."""

    rating = fields.String(attribute="id")
    indicator = fields.String()
    value = fields.String()
    version = fields.Integer()
    saved_at = fields.AwareDateTime(attribute="at")


class MarkedSchema(LeaseSchema):
    """The task with its marks."""

    marks = fields.List(fields.Nested(MarkSchema))


class LinkSchema(Schema):
    """Where the file is, for this caller, until a moment."""

    url = fields.String()
    until = fields.AwareDateTime()
