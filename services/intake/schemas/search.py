"""What is looked for, and what was found."""

from marshmallow import Schema, fields

from services.intake.domain.search import KINDS, LONGEST_QUERY
from shared.web.fields import line


class SearchQuery(Schema):
    """The words that are looked for: each has to be there, whatever its case."""

    q = line(LONGEST_QUERY)


class PieceSchema(Schema):
    """A piece of a text, and whether it is one of the words."""

    text = fields.String(required=True)
    hit = fields.Boolean(required=True)


class HitSchema(Schema):
    """Something found, with where it stands, or the id of an agency, a person, or a file (its SHA-256)."""

    title = fields.List(fields.Nested(PieceSchema), required=True)
    excerpt = fields.List(fields.Nested(PieceSchema), required=True)
    participation = fields.String(required=True, allow_none=True)
    indicator = fields.String(required=True, allow_none=True)
    id = fields.String(required=True, allow_none=True)
    cycle = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The title of the cycle to which it belongs."},
    )


class HitsSchema(Schema):
    """What was found of one kind, and whether there is more of it than is shown."""

    kind = fields.String(required=True, metadata={"enum": KINDS})
    hits = fields.List(fields.Nested(HitSchema), required=True)
    more = fields.Boolean(required=True)


class FoundSchema(Schema):
    """What was found, kind by kind."""

    found = fields.List(fields.Nested(HitsSchema), required=True)
