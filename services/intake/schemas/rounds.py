"""Cycles and participations."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake import domain
from services.intake.domain.counts import LATE, STATES
from services.intake.domain.extensions import MOST_EXTENDED, ExtensionOrder
from services.intake.domain.file_types import FAMILIES
from services.intake.domain.rounds import MOST_CLARIFICATION_DAYS, USUAL_CLARIFICATION_DAYS
from shared.core.reading import whole
from shared.web import PageQuery
from shared.web.fields import (
    AGENCY_ID,
    CYCLE_ID,
    PARTICIPATION_ID,
    BoundedList,
    Flag,
    UTCDateTime,
    identifier,
    line,
)
from shared.web.moments import END, WrittenMoment

_DAYS = "For how many days an agency may answer a question of the assessors."
_WORDS = "Whether an agency reads what its assessors wrote once its result is published."


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

    clarification_days = fields.Integer(
        load_default=USUAL_CLARIFICATION_DAYS,
        strict=True,
        validate=validate.Range(1, MOST_CLARIFICATION_DAYS),
        metadata={"description": _DAYS},
    )
    shows_words = Flag(load_default=True, metadata={"description": _WORDS})

    example: ClassVar[dict[str, Any]] = {
        "title": "Penilaian 2026",
        "edition": "pemdi-8-2026",
        "opens": "2026-06-01T00:00:00+07:00",
        "deadline": "2026-08-31T23:59:59+07:00",
        "bytes_until": "2026-09-07T23:59:59+07:00",
        "evidence": {"max_file_bytes": 20_000_000, "quota_bytes": 2_000_000_000, "types": ["pdf", "image"]},
        "clarification_days": 7,
        "shows_words": True,
    }

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.CyclePlan:
        """Give the domain's value."""
        return domain.CyclePlan(**data)


class Megabytes(fields.Field[int]):
    """Bytes, as a form says them in megabytes: `20` or `8,5`."""

    default_error_messages = {"invalid": "Must be a number of megabytes, like 20 or 8,5."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"\d{1,7}([.,]\d{1,6})?", value, re.ASCII):
            raise self.make_error("invalid")
        return int(Decimal(value.replace(",", ".")) * 1_000_000)


class Days(fields.Field[int]):
    """A number of days, as a form says it."""

    default_error_messages = {"invalid": "Must be a number of days, like 7."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> int:
        days = whole(value) if isinstance(value, str) else None
        if days is None or not 1 <= days <= MOST_CLARIFICATION_DAYS:
            raise self.make_error("invalid")
        return days


class CycleForm(Schema):
    """What a cycle is planned with on a page: moments as people write them, sizes in megabytes."""

    id = identifier(CYCLE_ID, required=True)
    title = line(300)
    edition = fields.String(required=True, validate=validate.Length(1, 100))
    opens = WrittenMoment(required=True)
    deadline = WrittenMoment(END, required=True)
    bytes_until = WrittenMoment(END, required=True)
    max_file = Megabytes(required=True, validate=validate.Range(1, 2**40))
    quota = Megabytes(required=True, validate=validate.Range(1, 2**45))
    types = BoundedList(
        fields.String(validate=validate.OneOf(FAMILIES)),
        required=True,
        validate=validate.Length(1, len(FAMILIES)),
    )
    clarification_days = Days(required=True)
    shows_words = Flag(required=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Cycle:
        """Give the domain's value."""
        rules = (data.pop("max_file"), data.pop("quota"), frozenset(data.pop("types")))
        return domain.Cycle(**data, evidence=domain.EvidenceRules(*rules))


class CycleSchema(_CycleFields):
    """One year's round: planned or open."""

    clarification_days = fields.Integer(required=True, metadata={"description": _DAYS})
    shows_words = fields.Boolean(required=True, metadata={"description": _WORDS})
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


class ExtensionsInput(Schema):
    """More time for several participations at once, and why."""

    example: ClassVar[dict[str, Any]] = {"participations": ["2026.kota-contoh"], **ExtensionInput.example}
    participations = BoundedList(
        identifier(PARTICIPATION_ID), required=True, validate=validate.Length(1, MOST_EXTENDED)
    )
    deadline = UTCDateTime(required=True)
    bytes_until = UTCDateTime(load_default=None, allow_none=True)
    reason = line(2000)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> ExtensionOrder:
        """Give the domain's value."""
        named = tuple(data.pop("participations"))
        return ExtensionOrder(named, domain.Extension(**data))


class ExtensionForm(ExtensionsInput):
    """The same, with moments as people write them."""

    deadline = WrittenMoment(END, required=True)
    bytes_until = WrittenMoment(END, load_default=None)


class ExtensionsDoneSchema(Schema):
    """How many participations have more time now."""

    extended = fields.Integer(required=True)


class ExtendedSchema(Schema):
    """An extension that was given."""

    at = UTCDateTime(required=True)
    by = fields.String(required=True)
    deadline = UTCDateTime(required=True)
    reason = fields.String(required=True)


class ExtensionsSchema(Schema):
    """The extensions of a participation, the last one first: a hundred at most."""

    extended = fields.List(fields.Nested(ExtendedSchema), required=True)


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
    state = fields.String(
        load_default=None,
        validate=validate.OneOf((*STATES, LATE)),
        metadata={"description": "`late`: those that answer though their deadline is over."},
    )
    q = fields.String(
        load_default=None,
        validate=validate.Length(1, 100),
        metadata={"description": "Words that all stand in the agency's name or id."},
    )
