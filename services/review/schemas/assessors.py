"""Assessors and their conflicts of interest."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.review.domain import Appointment, Declaration
from services.review.schemas.descriptions import describe
from shared.web.fields import AGENCY_ID, BoundedList, UTCDateTime, identifier, line, words


class AppointmentInput(Schema):
    """Who is appointed; `until` null: until further notice."""

    issuer = line(500, **describe("As in the assessor's tokens (`iss`)."))
    subject = line(300, **describe("As in the assessor's tokens (`sub`)."))
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

    agencies = BoundedList(fields.Nested(DeclarationInput), required=True, validate=validate.Length(max=1000))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> list[Declaration]:
        """Give the typed input."""
        declarations: list[Declaration] = data["agencies"]
        return declarations


class InterestSchema(DeclarationInput):
    """A declared conflict of interest."""

    declared_by = fields.String(required=True)
    declared_at = UTCDateTime(required=True)


class AssessorSchema(AppointmentInput):
    """An external assessor."""

    id = fields.String(required=True)
    conflicts = fields.List(fields.Nested(InterestSchema), required=True)
    rev = fields.Integer(required=True)
