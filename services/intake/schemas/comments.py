"""Notes that an agency's people leave each other."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import Schema, fields

from services.intake.domain.comments import LONGEST_COMMENT, CommentDraft
from shared.web import PageQuery
from shared.web.fields import Flag, UTCDateTime, line, words


class CommentInput(Schema):
    """A note at an indicator."""

    example: ClassVar[dict[str, Any]] = {"indicator": "1", "text": "Nomor peraturan ini masih yang lama."}
    indicator = line(40)
    text = words(LONGEST_COMMENT, least=1, required=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> CommentDraft:
        """Give the domain's value."""
        return CommentDraft(**data)


class CommentMarkInput(Schema):
    """Whether a note is settled."""

    example: ClassVar[dict[str, Any]] = {"settled": True}
    settled = Flag(required=True)


class CommentsQuery(PageQuery):
    """Which notes: all, or those at one indicator."""

    indicator = line(40, required=False, load_default=None)


class CommentSchema(Schema):
    """A note at an indicator; `settled_at` is empty while it is open."""

    id = fields.String(required=True)
    indicator = fields.String(required=True)
    text = fields.String(required=True)
    at = UTCDateTime(required=True)
    by = fields.String(required=True)
    by_name = fields.String(required=True, metadata={"description": "Under which the author is shown."})
    settled_at = UTCDateTime(required=True, allow_none=True)
    settled_by = fields.String(required=True, allow_none=True)
    settled_by_name = fields.String(required=True, allow_none=True)
