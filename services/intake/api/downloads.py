"""Files on their way out: always as attachments, in parts if asked, a chunk at a time."""

import re
import socket
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from urllib.parse import quote

import flask
from werkzeug.datastructures import Range
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from services.intake.blobs.chunks import ChunkStore
from services.intake.domain import File
from shared import web
from shared.auth.guard import ViewFunction
from shared.web import pace

Part = tuple[int, int]
BYTES = "application/octet-stream"
_FILE = ("ETag", "Accept-Ranges", "Content-Disposition")
_CONDITIONS = tuple(
    {
        "in": "header",
        "name": name,
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }
    for name, description in (
        ("Range", "One range of bytes, such as `bytes=0-1023`; several give the whole file."),
        ("If-Range", "The ETag of the bytes that the range continues."),
        ("If-None-Match", "ETags of what you have: the answer is 304 when it is the present one."),
    )
)


def document(view: ViewFunction) -> ViewFunction:
    """Declare what a view answers that sends a file, and which headers it looks at."""
    for answer in (
        web.document_answer(200, *_FILE, content=(BYTES,)),
        web.document_answer(206, *_FILE, "Content-Range", content=(BYTES,)),
        web.document_answer(304, "ETag"),
        web.document_answer(416, "Content-Range"),
        web.document_headers(*_CONDITIONS),
    ):
        view = answer(view)
    return view


PIECE = 64 * 1024


def wanted_part(file: File) -> Part | None:
    """The one byte range that the request asks for, as [start, stop); None when it wants the whole file.

    RequestedRangeNotSatisfiable (416) when the range lies behind the end. Several ranges at once, another
    unit, or an If-Range about other bytes give the whole file (RFC 9110, sections 13.1.5 and 14.2).
    """
    size = file.ownership.size
    asked = _asked(size)
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not _still_same(file):
        return None
    part: Part | None = asked.range_for_length(size)
    if part is None:
        raise RequestedRangeNotSatisfiable(size, description=f"The file has {size} bytes.")
    return part


def _asked(size: int) -> Range | None:
    """What the Range header says, a suffix longer than the file as the whole file (RFC 9110, section 14.1.2)."""
    if re.fullmatch(r"bytes=\s*-0+\s*", flask.request.headers.get("Range", ""), re.IGNORECASE):
        # werkzeug cannot read a suffix of no bytes, which lies behind the end.
        return Range("bytes", [(size, None)])
    asked = flask.request.range
    return asked and Range(asked.units, [(max(start, -size), stop) for start, stop in asked.ranges])


def _still_same(file: File) -> bool:
    # A strong comparison: bytes of a weak version need not be these.
    return flask.request.headers.get("If-Range", etag(file)).strip() == etag(file)


def is_known(file: File) -> bool:
    """Whether the client says that it has these very bytes already."""
    return flask.request.if_none_match.contains_weak(file.ownership.sha256)


def body(chunks: ChunkStore, file: File, part: Part | None, seat: ExitStack) -> Iterator[bytes]:
    """The bytes of the file, or of a part of it, in small pieces; the seat is free again after the last."""
    start, stop = part or (0, file.ownership.size)
    return _pieces(chunks.read(file.blob.upload, start, stop), seat, pace.kept(socket.SHUT_RDWR))


def _pieces(
    chunks: Iterator[bytes], seat: ExitStack, kept: AbstractContextManager[pace.Progress]
) -> Iterator[bytes]:
    with seat, kept as progress:
        for chunk in chunks:
            for at in range(0, len(chunk), PIECE):
                yield chunk[at : at + PIECE]
                progress.moved += PIECE


def respond(file: File, part: Part | None, body: Iterable[bytes]) -> flask.Response:
    """The file, or a part of it, or only its headers where the body is empty."""
    start, stop = part or (0, file.ownership.size)
    response = flask.Response(body, 206 if part else 200, headers(file))
    response.content_length = stop - start
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.ownership.size}"
    return response


def headers(file: File) -> dict[str, str]:
    """What is said of a file in every answer."""
    return {
        "Content-Type": file.ownership.file_type.media_type,
        "Content-Disposition": attachment(file.ownership.name),
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "ETag": etag(file),
    }


def etag(file: File) -> str:
    """The file's SHA-256, as a strong ETag."""
    return f'"{file.ownership.sha256}"'


def attachment(name: str) -> str:
    """A Content-Disposition with the name twice: for old clients in plain ASCII, and in full (RFC 6266, 8187)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
