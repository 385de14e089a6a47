"""Files as JSON."""

from marshmallow import Schema, fields

from shared.web.fields import UTCDateTime


class FileSchema(Schema):
    """A file that the agency owns."""

    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    type = fields.String(
        required=True, metadata={"description": "By content: pdf, png, docx, zip, mp4 and so on."}
    )
    media_type = fields.String(required=True, attribute="file_type.media_type")
    at = UTCDateTime(
        required=True, metadata={"description": "When the request that first brought its last byte arrived."}
    )
    cycles = fields.List(fields.String(), required=True)
