"""A self-assessment at a glance."""

from marshmallow import Schema, fields, validate

from shared.web.fields import UTCDateTime
from shared.web.sentences import Detail

_LOWEST = "Indicators without an answer, each counted as the lowest level of its scale."
_TEXTS = {"description": "In each language, by its code."}


class IndexSchema(Schema):
    """An index as displayed and as an exact fraction, and the band that it falls into."""

    index = fields.String(required=True, metadata={"description": "Rounded once, for display."})
    exact = fields.String(required=True, metadata={"description": "As a fraction."})
    predicate = fields.Dict(fields.String(), fields.String(), required=True, metadata=_TEXTS)


class ProvisionalSchema(IndexSchema):
    """The index that the present answers would earn; it is no claim and no result."""

    counted_as_lowest = fields.List(fields.String(), required=True, metadata={"description": _LOWEST})


class NodeProgressSchema(Schema):
    """One node of the tree, each before what is below it."""

    code = fields.String(required=True)
    kind = fields.String(required=True)
    answered = fields.Integer(required=True)
    of = fields.Integer(required=True)
    without_evidence = fields.Integer(required=True, metadata={"description": "Answers that name no file."})
    index = fields.String(required=True)
    exact = fields.String(required=True)


class RaiseSchema(IndexSchema):
    """What the whole index would be with this indicator one level higher."""

    indicator = fields.String(required=True)
    value = fields.String(
        required=True, allow_none=True, metadata={"description": "That level; null at the top."}
    )


class ProgressSchema(Schema):
    """How far a self-assessment is, and the index that its answers would give."""

    participation = fields.String(required=True)
    edition = fields.String(required=True)
    at = UTCDateTime(required=True)
    answered = fields.Integer(required=True)
    of = fields.Integer(required=True)
    provisional = fields.Nested(ProvisionalSchema, required=True)
    nodes = fields.List(fields.Nested(NodeProgressSchema), required=True)
    one_level_up = fields.List(fields.Nested(RaiseSchema), required=True)


class GapSchema(Schema):
    """Something that is missing at an indicator."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(
            [
                "answer-missing",
                "evidence-missing",
                "size-unknown",
                "size-differs",
                "absent",
                "too-large",
                "wrong-type",
                "refused",
            ]
        ),
        metadata={
            "description": "evidence-missing: the edition lists evidence for this level, and no file is named. "
            "absent: the bytes have not come. refused: they came and were not kept; `code` says why."
        },
    )
    indicator = fields.String(required=True)
    blocks = fields.Boolean(required=True, metadata={"description": "Whether no seal is taken with it."})
    sha256 = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)


class ObstacleSchema(Schema):
    """Why a seal would be refused now: what its problem would say."""

    code = fields.String(required=True)
    detail = Detail(required=True)


class EarlierFileSchema(Schema):
    """A file that an earlier answer named."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)


class EarlierAnswerSchema(Schema):
    """An answer as it was sealed."""

    indicator = fields.String(required=True)
    value = fields.String(required=True)
    facts = fields.String(required=True)
    analysis = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True)
    evidence = fields.List(fields.Nested(EarlierFileSchema), required=True)


class EarlierSchema(Schema):
    """What was sealed of an indicator in the last cycle before this one."""

    cycle = fields.String(required=True)
    edition = fields.String(required=True)
    submission = fields.String(required=True)
    sealed_at = UTCDateTime(required=True)
    index = fields.String(
        required=True, allow_none=True, metadata={"description": "The published index of that cycle."}
    )
    final_value = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Always null: the final value of an indicator is not known to intake."},
    )
    answers = fields.List(
        fields.Nested(EarlierAnswerSchema),
        required=True,
        metadata={
            "description": "Of the same indicator under the same edition, or of those that live on in it by the "
            "crosswalk; none otherwise."
        },
    )


class EarlierOrNoneSchema(Schema):
    """What was sealed in the last cycle before, if the agency sealed anything in one."""

    earlier = fields.Nested(EarlierSchema, required=True, allow_none=True)


class ManifestAnswerSchema(Schema):
    """An answer of the manifest."""

    indicator = fields.String(required=True)
    value = fields.String(required=True)
    rev = fields.Integer(required=True)
    evidence = fields.List(fields.String(), required=True)


class ManifestFileSchema(Schema):
    """A file of the manifest."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)


class ManifestSchema(Schema):
    """What a seal is asked with, so that exactly what is shown here is sealed, or nothing."""

    answers = fields.List(fields.Nested(ManifestAnswerSchema), required=True)
    files = fields.List(fields.Nested(ManifestFileSchema), required=True)


class ReadinessSchema(Schema):
    """What a seal by this person would take now, and what stands against it."""

    participation = fields.String(required=True, attribute="draft.participation")
    at = UTCDateTime(required=True)
    sealable = fields.Boolean(required=True)
    obstacles = fields.List(fields.Nested(ObstacleSchema), required=True)
    gaps = fields.List(fields.Nested(GapSchema), required=True)
    answered = fields.Integer(required=True)
    files = fields.Integer(required=True)
    files_here = fields.Integer(required=True, attribute="arrived")
    bytes = fields.Integer(required=True)
    bytes_until = UTCDateTime(required=True, attribute="draft.bytes_until")
    uploading = fields.Integer(
        required=True,
        attribute="holdings.uploading",
        metadata={"description": "Uploads of the agency in this cycle that are under way."},
    )
    provisional = fields.Nested(ProvisionalSchema, required=True)
    manifest = fields.Nested(ManifestSchema, required=True, attribute="draft.manifest")
