"""What openapi.json says once for all services: headers, and the schema of a problem."""

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, fields


def _header(description: str, type: str = "string", required: bool = True) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": {"type": type}}


HEADERS: Mapping[str, dict[str, Any]] = {
    "Accept-Ranges": _header("bytes."),
    "Cache-Control": _header("For how long the answer may be kept, by its reader only."),
    "Content-Disposition": _header("An attachment, with its name."),
    "Content-Range": _header("Which bytes these are, of how many."),
    "ETag": _header("What is shown, for If-Match and If-None-Match."),
    "Location": _header("Where the upload is."),
    "Retry-After": _header("Seconds to wait.", "integer", required=False),
    "Tus-Checksum-Algorithm": _header("What Upload-Checksum may be made by."),
    "Tus-Extension": _header("What of tus is spoken."),
    "Tus-Version": _header("1.0.0."),
    "Upload-Expires": _header("When an unfinished upload is given up.", required=False),
    "Upload-Length": _header("Bytes of the whole file.", "integer"),
    "Upload-Offset": _header("Bytes that are here.", "integer"),
    "WWW-Authenticate": _header("How to prove who you are (RFC 6750)."),
    "X-Request-Id": _header("Finds the request in all logs: the problem's `correlation`."),
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "ETags of what you have: the answer is 304 when it is the present one.",
    "schema": {"type": "string", "maxLength": 1000},
    "example": '"7"',
}


class FieldProblem(Schema):
    """What is wrong with one part of the input."""

    detail = fields.String(required=True)
    code = fields.String(metadata={"description": "Of an edition: one word per cause, for programs."})
    place = fields.String(data_key="in", metadata={"description": "json, query, path, headers or form."})
    pointer = fields.String(metadata={"description": "Where (JSON pointer, RFC 6901)."})
    line = fields.Integer(
        allow_none=True, metadata={"description": "Of a table or an edition: the line, from 1."}
    )
    column = fields.String(metadata={"description": "Of a table: the column."})
    node = fields.String(allow_none=True, metadata={"description": "Of an edition: the nearest node's code."})
    field = fields.String(metadata={"description": "Of an edition: the path in the document."})


class Problem(Schema):
    """Why a request was not carried out (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "What happened and what to do."})
    instance = fields.String(required=True, metadata={"description": "The path that was asked for."})
    code = fields.String(required=True, metadata={"description": "One word per cause, for programs."})
    correlation = fields.String(required=True, metadata={"description": "Finds the request in all logs."})
    errors = fields.List(fields.Nested(FieldProblem))
    rev = fields.Integer(metadata={"description": "Of `stale`: the version that is stored."})
    stored = fields.Dict(
        allow_none=True, metadata={"description": "Of `stale`: what is stored, if anything."}
    )
    yours = fields.Dict(metadata={"description": "Of `stale`: what the request would have set."})

    class Meta:
        """Some codes have further members: the table of codes names them."""

        unknown = INCLUDE
