"""What goes out over HTTP."""

from marshmallow import Schema, fields

from services.review.schemas.sent import AppointmentSchema, MarkSchema, ReasonSchema, says
from shared.web.fields import UTCDateTime


class InterestSchema(ReasonSchema):
    """A declared conflict of interest."""

    declared_by = fields.String(required=True)
    declared_at = UTCDateTime(required=True)


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
    state = fields.String(required=True, **says("open or finalised."))
    stage = fields.String(
        required=True, allow_none=True, **says("The one under way; null once all are over.")
    )
    stages = fields.List(
        fields.String(),
        required=True,
        **says("All of the activity; an optional one is passed over unless the ministry wants it."),
    )
    opened_at = UTCDateTime(required=True)
    finalised_at = UTCDateTime(required=True, allow_none=True)


class LeaseSchema(Schema):
    """A task under its holder's lease: every write names the fence, until the moment `until`."""

    id = fields.String(required=True)
    case = fields.String(required=True)
    stage = fields.String(required=True)
    state = fields.String(required=True, **says("open, claimed or finished."))
    fence = fields.Integer(
        required=True,
        allow_none=True,
        **says("What every write has to name; null in lists: claim to get it."),
    )
    until = UTCDateTime(
        required=True,
        allow_none=True,
        **says("When the lease ends unless renewed; null when nobody holds it."),
    )


class TaskSchema(LeaseSchema):
    """A task of one stage of a case."""

    cycle = fields.String(required=True)
    agency = fields.String(required=True)
    assessor = fields.String(
        required=True, allow_none=True, **says("Who holds or finished it; in lists for the ministry only.")
    )
    asked = fields.Integer(required=True, **says("Indicators to be rated."))
    done = fields.Integer(
        required=True,
        allow_none=True,
        **says("Indicators that its last holder rated; null when that is somebody else."),
    )
    opened_at = UTCDateTime(required=True)
    finished_at = UTCDateTime(required=True, allow_none=True)


class PinViewSchema(Schema):
    """A page of a file, or a paragraph of the minutes; null what it is not."""

    sha256 = fields.String(required=True, allow_none=True)
    page = fields.Integer(required=True, allow_none=True)
    minutes = fields.Integer(required=True, allow_none=True)


class RatingViewSchema(Schema):
    """A rating, as it stands for ever."""

    id = fields.String(required=True)
    stage = fields.String(required=True)
    indicator = fields.String(required=True)
    value = fields.String(required=True)
    origin = fields.String(required=True, **says("own, or carried over from the stage before."))
    version = fields.Integer(required=True, **says("Counts the author's ratings of an indicator in a task."))
    author = fields.String(required=True, allow_none=True, **says("For the ministry only."))
    facts = fields.String()
    analysis = fields.String()
    justification = fields.String()
    words_sha256 = fields.String(required=True)
    pins = fields.List(fields.Nested(PinViewSchema), required=True)
    carried_from = fields.String(required=True, allow_none=True, **says("The stage before, if carried over."))
    source = fields.String(
        required=True, allow_none=True, **says("The rating whose words a carried one stands on.")
    )
    at = UTCDateTime(required=True)


class StageSchema(Schema):
    """A completed stage."""

    stage = fields.String(required=True)
    closed_by = fields.String(required=True, **says("agency, task or carry-over."))
    completed_at = UTCDateTime(required=True)
    set_hash = fields.String(required=True, **says("Names exactly these ratings."))
    ratings = fields.List(fields.Nested(RatingViewSchema), required=True)


class OwnTaskSchema(TaskSchema):
    """The caller's own task, with what it rated and marked so far."""

    indicators = fields.List(fields.String(), required=True, **says("To be rated."))
    ratings = fields.List(
        fields.Nested(RatingViewSchema), required=True, **says("The newest of each so far.")
    )
    questions = fields.List(fields.Nested(MarkSchema), required=True, **says("What the stage before marked."))
    marks = fields.List(fields.Nested(MarkSchema), required=True, **says("What the caller marked so far."))


class AnswerSchema(Schema):
    """What the agency says of one indicator."""

    indicator = fields.String(required=True)
    value = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True, **says("What the agency names as assessed."))
    facts = fields.String(required=True, allow_none=True)
    analysis = fields.String(required=True, allow_none=True)
    evidence = fields.List(fields.String(), required=True, **says("Files, by SHA-256."))
    words_sha256 = fields.String(required=True)


class FileSchema(Schema):
    """A file of the submission."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True, **says("In bytes."))
    type = fields.String(required=True, allow_none=True, **says("By its content; null when it is missing."))


class MissingSchema(Schema):
    """A file that nobody can open."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True, **says("absent, wrong-type or too-large."))


class CaseViewSchema(CaseSchema):
    """A case with what the agency handed in and how the stages so far ended."""

    answers = fields.List(fields.Nested(AnswerSchema), required=True)
    words_included = fields.Boolean(
        required=True,
        **says("false: `facts`, `analysis` and `subject` are too long to stand here; fetch them by …/words."),
    )
    files = fields.List(fields.Nested(FileSchema), required=True)
    missing = fields.List(
        fields.Nested(MissingSchema), required=True, **says("Those of `files` that cannot be opened.")
    )
    completed = fields.List(fields.Nested(StageSchema), required=True)
    task = fields.Nested(OwnTaskSchema, required=True, allow_none=True)


class SavedSchema(Schema):
    """A saved rating."""

    rating = fields.String(required=True, attribute="id")
    indicator = fields.String(required=True)
    value = fields.String(required=True)
    version = fields.Integer(required=True)
    saved_at = UTCDateTime(required=True, attribute="at")


class MarkedSchema(LeaseSchema):
    """The task with its marks."""

    marks = fields.List(fields.Nested(MarkSchema), required=True)


class LinkSchema(Schema):
    """Where the file or the words are, for this caller, until a moment."""

    url = fields.String(
        required=True, **says("To be fetched with the caller's own token; refused to others.")
    )
    until = UTCDateTime(required=True)
