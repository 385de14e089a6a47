"""Files and uploads as JSON."""

from marshmallow import Schema, fields

from shared.web.fields import UTCDateTime
from shared.web.sentences import Detail

PAGES = "Pages of a PDF or TIFF, slides of a presentation, 1 of another image; null where there are none to count."


class FindingSchema(Schema):
    """Something doubtful that an inspection found: a code, and a sentence."""

    code = fields.String(required=True)
    detail = Detail(required=True)


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
    pages = fields.Integer(required=True, allow_none=True, metadata={"description": PAGES})
    findings = fields.List(
        fields.Nested(FindingSchema),
        required=True,
        metadata={"description": "What its inspection found doubtful."},
    )


class RefusalSchema(Schema):
    """Why the bytes of an upload were not kept."""

    code = fields.String(required=True)
    detail = Detail(required=True)


class UploadSchema(Schema):
    """How an upload is."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    length = fields.Integer(required=True, metadata={"description": "Bytes of the whole file."})
    offset = fields.Integer(required=True, metadata={"description": "Bytes that have come."})
    state = fields.String(
        required=True, metadata={"description": "open, inspecting, done, refused, ended or expired."}
    )
    expires = UTCDateTime(required=True, metadata={"description": "Until when it waits for its next bytes."})
    sha256 = fields.String(
        required=True,
        allow_none=True,
        attribute="content_sha256",
        metadata={"description": "Of all its bytes."},
    )
    type = fields.String(
        required=True, allow_none=True, metadata={"description": "By content, once inspected."}
    )
    pages = fields.Integer(required=True, allow_none=True, metadata={"description": PAGES})
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    refusal = fields.Nested(RefusalSchema, required=True, allow_none=True)
    replaces = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The sealed file, by SHA-256, that was refused and in whose place this one comes."
        },
    )
    clarification = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The question of the assessors with whose answer it comes."},
    )
