"""What comes in and goes out over HTTP."""

from marshmallow import Schema, fields, validate

from shared.web import PageQuery
from shared.web.fields import AGENCY_ID, CYCLE_ID, SHA256, Moment, Number, Several, identifier, line, words

MOST_INDICATORS = 1000


# coming in


class AppointmentSchema(Schema):
    """Who is appointed; `until` null: until further notice."""

    issuer = line(500)
    subject = line(300)
    name = line(200)
    employer = identifier(AGENCY_ID, load_default=None, allow_none=True, data_key="employer_agency")
    since = Moment(required=True)
    until = Moment(load_default=None, allow_none=True)


class ReasonSchema(Schema):
    """An agency that an assessor may not assess, and why."""

    agency = identifier(AGENCY_ID, required=True)
    reason = words(1000, 1, required=True)


class ConflictsSchema(Schema):
    """Conflicts of interest: from the ministry all of them, from an assessor those to be added."""

    agencies = Several(fields.Nested(ReasonSchema), required=True, validate=validate.Length(max=1000))


class CaseQuery(PageQuery):
    """Which cases."""

    cycle = identifier(CYCLE_ID, load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(["open", "finalised"]))


class TaskQuery(PageQuery):
    """Which tasks: open to be claimed, held by the caller, or all that the caller may know of."""

    cycle = identifier(CYCLE_ID, load_default=None)
    state = fields.String(load_default="open", validate=validate.OneOf(["open", "mine", "all"]))


class FenceSchema(Schema):
    """The fencing number that the claim gave."""

    fence = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**53 - 1))


class ReleaseSchema(FenceSchema):
    """Giving a task back."""

    reason = words(500, 1, load_default=None, allow_none=True)


class PinSchema(Schema):
    """A page of a file, or a paragraph of the minutes."""

    sha256 = identifier(SHA256)
    page = fields.Integer(strict=True, validate=validate.Range(1, 100_000))
    minutes = fields.Integer(strict=True, validate=validate.Range(1, 100_000))


class RatingSchema(FenceSchema):
    """A rating of one indicator; finishing needs all three texts."""

    value = Number(required=True)
    facts = words(load_default="")
    analysis = words(load_default="")
    justification = words(load_default="")
    pins = Several(fields.Nested(PinSchema), load_default=list, validate=validate.Length(max=100))


class MarkSchema(Schema):
    """An indicator to be clarified, and the question to the agency."""

    indicator = line(40)
    question = words(5000, 1, required=True)


class MarksSchema(FenceSchema):
    """All that the next stage has to clarify; an empty list takes earlier marks back."""

    indicators = Several(
        fields.Nested(MarkSchema), required=True, validate=validate.Length(max=MOST_INDICATORS)
    )


# going out


class InterestSchema(ReasonSchema):
    """A declared conflict of interest."""

    declared_by = fields.String(required=True)
    declared_at = Moment(required=True)


class AssessorSchema(AppointmentSchema):
    """An external assessor."""

    id = fields.String(required=True)
    conflicts = fields.List(fields.Nested(InterestSchema), required=True)
    rev = fields.Integer(required=True)


class CaseSchema(Schema):
    """A case; `stage` is the one under way."""

    id = fields.String(required=True)
    submission = fields.String(required=True)
    participation = fields.String(required=True)
    cycle = fields.String(required=True)
    agency = fields.String(required=True)
    edition = fields.String(required=True)
    activity = fields.String(required=True)
    state = fields.String(required=True)
    stage = fields.String(required=True, allow_none=True)
    stages = fields.List(fields.String(), required=True)
    opened_at = Moment(required=True)
    finalised_at = Moment(required=True, allow_none=True)


class LeaseSchema(Schema):
    """A task under its holder's lease: every write names the fence, until the moment `until`."""

    id = fields.String(required=True)
    case = fields.String(required=True)
    stage = fields.String(required=True)
    state = fields.String(required=True)
    fence = fields.Integer(required=True, allow_none=True)
    until = Moment(required=True, allow_none=True)


class TaskSchema(LeaseSchema):
    """A task; `asked` indicators, of which the last holder rated `done`: null when that was somebody else."""

    cycle = fields.String(required=True)
    agency = fields.String(required=True)
    assessor = fields.String(required=True, allow_none=True)
    asked = fields.Integer(required=True)
    done = fields.Integer(required=True, allow_none=True)
    opened_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class RatingViewSchema(Schema):
    """A rating; `author` for the ministry only, `source` names the row whose words a carried one stands on."""

    id = fields.String(required=True)
    stage = fields.String(required=True)
    indicator = fields.String(required=True)
    value = fields.String(required=True)
    origin = fields.String(required=True)
    version = fields.Integer(required=True)
    author = fields.String(required=True, allow_none=True)
    facts = fields.String()
    analysis = fields.String()
    justification = fields.String()
    words_sha256 = fields.String(required=True)
    pins = fields.List(fields.Dict(), required=True)
    carried_from = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    at = Moment(required=True)


class StageSchema(Schema):
    """A completed stage: closed by the agency, a task, or carry-over."""

    stage = fields.String(required=True)
    closed_by = fields.String(required=True)
    completed_at = Moment(required=True)
    set_hash = fields.String(required=True)
    ratings = fields.List(fields.Nested(RatingViewSchema), required=True)


class OwnTaskSchema(TaskSchema):
    """The caller's own task, with what it rated and marked so far."""

    indicators = fields.List(fields.String(), required=True)
    ratings = fields.List(fields.Nested(RatingViewSchema), required=True)
    questions = fields.List(fields.Nested(MarkSchema), required=True)
    marks = fields.List(fields.Nested(MarkSchema), required=True)


class CaseViewSchema(CaseSchema):
    """A case with what the agency handed in and how the stages so far ended."""

    answers = fields.List(fields.Dict(), required=True)
    words_included = fields.Boolean(required=True)
    files = fields.List(fields.Dict(), required=True)
    missing = fields.List(fields.Dict(), required=True)
    completed = fields.List(fields.Nested(StageSchema), required=True)
    task = fields.Nested(OwnTaskSchema, required=True, allow_none=True)


class SavedSchema(Schema):
    """A saved rating."""

    rating = fields.String(required=True, attribute="id")
    indicator = fields.String(required=True)
    value = fields.String(required=True)
    version = fields.Integer(required=True)
    saved_at = Moment(required=True, attribute="at")


class MarkedSchema(LeaseSchema):
    """The task with its marks."""

    marks = fields.List(fields.Nested(MarkSchema), required=True)


class LinkSchema(Schema):
    """Where the file or the words are; the GET takes the same bearer token as this one, until a moment."""

    url = fields.String(required=True)
    until = Moment(required=True)
