"""What people of one agency see of each other, and what they tick for themselves."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields, validate

from services.intake.domain.ticks import TickChange
from shared.web.fields import BoundedList, UTCDateTime, line


def _codes() -> BoundedList:
    return BoundedList(line(40), load_default=(), validate=validate.Length(max=200))


class TicksInput(Schema):
    """Conditions to tick and to untick, by their codes in the edition; all others stay as they are."""

    example: ClassVar[dict[str, Any]] = {"tick": ["1.3.a"], "untick": ["1.4.b"]}
    tick = _codes()
    untick = _codes()

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> TickChange:
        """Give the domain's value."""
        return TickChange(frozenset(data["tick"]), frozenset(data["untick"]))


class TicksSchema(Schema):
    """The conditions of an indicator that are ticked."""

    indicator = fields.String(required=True)
    conditions = fields.List(fields.String(), required=True)


class PresenceInput(Schema):
    """Where somebody is."""

    example: ClassVar[dict[str, Any]] = {"indicator": "1"}
    indicator = line(40, required=False, load_default=None, allow_none=True)


class PresenceSchema(Schema):
    """Somebody who is there."""

    person = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "Under which the person is shown."})
    indicator = fields.String(required=True, allow_none=True)
    at = UTCDateTime(required=True, metadata={"description": "When that was said last."})


class PresentSchema(Schema):
    """Who else is there."""

    others = fields.List(fields.Nested(PresenceSchema), required=True)


class ActSchema(Schema):
    """One thing that somebody did."""

    at = UTCDateTime(required=True)
    person = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "Under which the person is shown."})
    what = fields.String(
        required=True,
        metadata={
            "description": "answer-saved, commented, file-uploaded, file-unlinked, file-taken-back, sealed or extended."
        },
    )
    indicator = fields.String(required=True, allow_none=True)
    rev = fields.Integer(required=True, allow_none=True)
    sha256 = fields.String(required=True, allow_none=True)
    file = fields.String(required=True, allow_none=True)


class ColleagueSchema(Schema):
    """Somebody who works on a self-assessment."""

    person = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "Under which the person is shown."})
    roles = fields.List(fields.String(), required=True)


class TeamSchema(Schema):
    """Who works on a self-assessment: by role, then by name."""

    team = fields.List(fields.Nested(ColleagueSchema), required=True)


class EditedSchema(Schema):
    """An indicator, and when the asker saved it last."""

    indicator = fields.String(required=True)
    at = UTCDateTime(required=True)


class ActsSchema(Schema):
    """What was done last, the latest first, and which indicators the asker edited, the last one first."""

    acts = fields.List(fields.Nested(ActSchema), required=True)
    mine = fields.List(fields.Nested(EditedSchema), required=True)
