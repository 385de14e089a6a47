"""Pages as images, and where a text stands on them."""

from marshmallow import Schema, fields, validate

from services.intake.domain.page_images import WIDTHS
from services.intake.schemas.submissions import LinkQuery
from shared.web.fields import Whole, line

MOST_PAGES = 1_000_000
LONGEST_TEXT = 100


class PageImageQuery(LinkQuery):
    """Which page of the file that a link names, and how wide."""

    page = Whole(required=True, validate=validate.Range(1, MOST_PAGES), metadata={"description": "From 1."})
    width = Whole(
        load_default=1200, validate=validate.OneOf(WIDTHS), metadata={"description": "Pixels, at most."}
    )


class TextQuery(LinkQuery):
    """What is looked for in the file that a link names: the text as it stands there, whatever its case."""

    q = line(LONGEST_TEXT)
    start = Whole(
        load_default=1,
        validate=validate.Range(1, MOST_PAGES),
        metadata={"description": "The page to begin at: `next` of the answer before."},
    )


class BoxSchema(Schema):
    """A place on a page, as fractions of its width and height, from its upper left corner."""

    left = fields.Float(required=True)
    top = fields.Float(required=True)
    width = fields.Float(required=True)
    height = fields.Float(required=True)


class TextHitSchema(Schema):
    """Where the text stands once: a page, and a box for each line that it covers."""

    page = fields.Integer(required=True)
    boxes = fields.List(fields.Nested(BoxSchema), required=True)


class FoundTextSchema(Schema):
    """Where the text stands, page by page."""

    pages = fields.Integer(required=True, metadata={"description": "Of the whole file."})
    hits = fields.List(fields.Nested(TextHitSchema), required=True)
    next = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The page at which to go on; null when the file was searched to its end."},
    )
    has_text = fields.Boolean(
        required=True,
        metadata={"description": "False when the pages that were searched hold no text, as scanned ones do."},
    )
