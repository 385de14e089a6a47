"""Assessors and their conflicts of interest."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, validate

from services.review.domain import Appointment, Assessor, ConflictsOrder, Declaration
from services.review.schemas.descriptions import describe
from shared.web.fields import AGENCY_ID, PERSON_ID, BoundedList, UTCDateTime, identifier, line, words
from shared.web.moments import END, WrittenMoment


class AppointmentInput(Schema):
    """Who is appointed; `until` null: until further notice."""

    example: ClassVar[dict[str, Any]] = {
        "issuer": "https://id.example.go.id",
        "subject": "c9f0f895-fb98",
        "name": "Budi Santoso",
        "employer_agency": "universitas-contoh",
        "since": "2026-09-01T00:00:00Z",
    }
    issuer = line(500, **describe("As in the assessor's tokens (`iss`)."))
    subject = fields.String(
        required=True,
        validate=validate.Length(1, 300),
        **describe("As in the assessor's tokens (`sub`)."),
    )
    name = line(200)
    employer = identifier(
        AGENCY_ID,
        load_default=None,
        allow_none=True,
        data_key="employer_agency",
        **describe("The agency that it works for: a conflict of interest by itself."),
    )
    since = UTCDateTime(required=True)
    until = UTCDateTime(load_default=None, allow_none=True, **describe("null: until further notice."))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Appointment:
        """Give the typed input."""
        return Appointment(**data)


class AppointmentForm(AppointmentInput):
    """Who is appointed, as people write moments: a day alone is the begin of it, or the end."""

    since = WrittenMoment(required=True)
    until = WrittenMoment(END, load_default=None, allow_none=True)


class AssessorRowInput(AppointmentForm):
    """An assessor with its id, as one line of a list says it."""

    id = identifier(PERSON_ID, required=True)
    employer = identifier(AGENCY_ID, load_default=None, allow_none=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Assessor:
        """Give the domain's value."""
        return Assessor(**data)


class TakeBackInput(Schema):
    """Why a conflict of interest is taken back."""

    reason = words(2000, 1, required=True)


class DeclarationInput(Schema):
    """An agency that an assessor may not assess, and why."""

    agency = identifier(AGENCY_ID, required=True)
    reason = words(1000, 1, required=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Declaration:
        """Give the typed input."""
        return Declaration(**data)


class ConflictsInput(Schema):
    """Conflicts of interest: from the ministry all of them, from an assessor those to be added."""

    example: ClassVar[dict[str, Any]] = {
        "agencies": [{"agency": "kota-contoh", "reason": "My sister works there."}]
    }
    agencies = BoundedList(fields.Nested(DeclarationInput), required=True, validate=validate.Length(max=1000))
    reason = words(
        2000,
        1,
        load_default=None,
        allow_none=True,
        **describe("Why the ministry takes back or rewrites what was declared; needed for that alone."),
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> ConflictsOrder:
        """Give the typed input."""
        return ConflictsOrder(tuple(data["agencies"]), data["reason"])


class InterestSchema(DeclarationInput):
    """A declared conflict of interest."""

    declared_by = fields.String(required=True)
    declared_at = UTCDateTime(required=True)


class AssessorSchema(AppointmentInput):
    """An external assessor."""

    id = fields.String(required=True)
    conflicts = fields.List(fields.Nested(InterestSchema), required=True)
    rev = fields.Integer(required=True)
