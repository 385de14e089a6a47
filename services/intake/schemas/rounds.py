"""Cycles and participations."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake import domain
from services.intake.domain.file_types import FAMILIES
from shared.web import PageQuery
from shared.web.fields import AGENCY_ID, CYCLE_ID, BoundedList, Flag, UTCDateTime, identifier, line


class EvidenceRulesInput(Schema):
    """What files a cycle takes."""

    max_file_bytes = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**40))
    quota_bytes = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**45))
    types = BoundedList(
        fields.String(validate=validate.OneOf(FAMILIES)),
        required=True,
        validate=validate.Length(1, len(FAMILIES)),
    )

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.EvidenceRules:
        """Give the domain's value."""
        return domain.EvidenceRules(**data | {"types": frozenset(data["types"])})

    @ma.post_dump
    def ordered(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Write the types always in the same order."""
        return data | {"types": sorted(data["types"])}


class _CycleFields(Schema):
    """One year's round."""

    title = line(300)
    edition = fields.String(required=True, validate=validate.Length(1, 100))
    opens = UTCDateTime(required=True)
    deadline = UTCDateTime(required=True)
    bytes_until = UTCDateTime(required=True)
    evidence = fields.Nested(EvidenceRulesInput, required=True)


class CycleInput(_CycleFields):
    """What a cycle is planned with."""

    example: ClassVar[dict[str, Any]] = {
        "title": "Penilaian 2026",
        "edition": "pemdi-8-2026",
        "opens": "2026-06-01T00:00:00+07:00",
        "deadline": "2026-08-31T23:59:59+07:00",
        "bytes_until": "2026-09-07T23:59:59+07:00",
        "evidence": {"max_file_bytes": 20_000_000, "quota_bytes": 2_000_000_000, "types": ["pdf", "image"]},
    }

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.CyclePlan:
        """Give the domain's value."""
        return domain.CyclePlan(**data)


class CycleSchema(_CycleFields):
    """One year's round: planned or open."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    opened_at = UTCDateTime(required=True, allow_none=True)
    rev = fields.Integer(required=True)


class CountsSchema(Schema):
    """How many agencies of a cycle are in which state; `late`: those that answer though their deadline is over."""

    answering = fields.Integer(required=True, attribute="states.answering")
    late = fields.Integer(required=True)
    sealed = fields.Integer(required=True, attribute="states.sealed")
    completed = fields.Integer(required=True, attribute="states.completed")
    published = fields.Integer(required=True, attribute="states.published")
    activities = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class ParticipationInput(Schema):
    """How an agency takes part; without a deadline of its own the cycle's holds."""

    example: ClassVar[dict[str, Any]] = {"activity": "evaluation", "visit": True}
    activity = fields.String(required=True, validate=validate.Length(1, 30))
    visit = Flag(required=True)
    deadline = UTCDateTime(load_default=None, allow_none=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.ParticipationOrder:
        """Give the domain's value."""
        return domain.ParticipationOrder(**data)


class ExtensionInput(Schema):
    """More time, and why; without `bytes_until` bytes may come as long after the deadline as in the cycle."""

    example: ClassVar[dict[str, Any]] = {"deadline": "2026-09-14T23:59:59+07:00", "reason": "Gempa bumi"}
    deadline = UTCDateTime(required=True)
    bytes_until = UTCDateTime(load_default=None, allow_none=True)
    reason = line(2000)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Extension:
        """Give the domain's value."""
        return domain.Extension(**data)


class StageSchema(Schema):
    """The last stage of the case that is over."""

    code = fields.String(required=True)
    completed_at = UTCDateTime(required=True)


class ResultSchema(Schema):
    """The published result."""

    index = fields.String(required=True)
    predicate = fields.String(required=True)
    version = fields.Integer(required=True)
    published_at = UTCDateTime(required=True)


class ParticipationSchema(Schema):
    """One agency in one cycle: answering, sealed, completed or published."""

    id = fields.String(required=True, attribute="participation.id")
    cycle = fields.String(required=True, attribute="participation.cycle")
    agency = fields.String(required=True, attribute="participation.agency")
    activity = fields.String(required=True, attribute="participation.activity")
    visit = fields.Boolean(required=True, attribute="participation.visit")
    state = fields.String(required=True, attribute="participation.state")
    opens = UTCDateTime(required=True, attribute="windows.opens")
    deadline = UTCDateTime(required=True, attribute="windows.deadline")
    bytes_until = UTCDateTime(required=True, attribute="windows.bytes_until")
    submission = fields.String(required=True, allow_none=True, attribute="participation.submission")
    stage = fields.Nested(StageSchema, required=True, allow_none=True, attribute="participation.stage")
    result = fields.Nested(ResultSchema, required=True, allow_none=True, attribute="participation.result")
    rev = fields.Integer(required=True, attribute="participation.rev")


class ParticipationQuery(PageQuery):
    """Which participations."""

    cycle = identifier(CYCLE_ID, load_default=None)
    agency = identifier(AGENCY_ID, load_default=None)
