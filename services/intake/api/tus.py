"""What tus 1.0.0 writes into headers, read strictly."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from services.intake.domain import CHECKSUM_ALGORITHMS, Checksum, Upload, UploadRequest
from shared.core import reading
from shared.core.errors import AppError, BadRequest

VERSION = "1.0.0"
MOST = 10**15 - 1
MEDIA_TYPE = "application/offset+octet-stream"
CAPABILITIES = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,checksum,expiration,termination",
    "Tus-Checksum-Algorithm": ",".join(CHECKSUM_ALGORITHMS),
}


def _header(name: str, description: str, required: bool = True) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"in": "header", "name": name, "required": required, "description": description, "schema": schema}


RESUMABLE = _header("Tus-Resumable", f"{VERSION}.")
CREATION = (
    RESUMABLE,
    _header("Upload-Length", "Bytes of the whole file."),
    _header(
        "Upload-Metadata",
        "`filename` (or `name`), perhaps `sha256`, and after a seal perhaps `replaces`, the SHA-256 of a sealed file "
        "that was refused, or `clarification`, the id of the question that it answers, each with its value in base64; "
        "other keys are passed over.",
    ),
)
APPENDING = (
    RESUMABLE,
    _header("Upload-Offset", "The number of the first byte that is sent, as HEAD says it."),
    _header("Upload-Checksum", "sha256 or sha1, a space, and the body's digest in base64.", required=False),
)
METADATA_KEYS = frozenset({"filename", "name", "sha256", "replaces", "clarification"})
LONGEST_METADATA = 7000
"""Characters: three times a name of 255 characters that take four bytes each, as Uppy sends it, and some more."""
METHODS = frozenset({"OPTIONS", "HEAD", "POST", "PATCH", "DELETE"})


class Headers(Protocol):
    """The headers of a request, by name in any case."""

    def get(self, name: str, /) -> str | None: ...


class VersionNeeded(AppError):
    """The client speaks another version of tus, or did not say which."""

    status, code, title = 412, "tus-version", "Another version of tus"


def check_version(headers: Headers) -> None:
    """Refuse whoever does not say Tus-Resumable: 1.0.0."""
    if headers.get("Tus-Resumable") != VERSION:
        raise VersionNeeded(f"Send Tus-Resumable: {VERSION}; this is the version that is spoken here.")


class Wire:
    """What tus asks of every exchange below a path, whatever comes of it: the version, and a method in a header."""

    def __init__(self, app: WSGIApplication, root: str) -> None:
        self._app, self._root = app, root

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; one below the path takes the method that X-HTTP-Method-Override names."""
        if not environ["PATH_INFO"].startswith(self._root):
            return self._app(environ, start_response)
        if (method := environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()) in METHODS:
            environ["REQUEST_METHOD"] = method

        def start(status: str, headers: list[tuple[str, str]], /, *error: Any) -> Any:
            return start_response(status, [*headers, ("Tus-Resumable", VERSION)], *error)

        return self._app(environ, start)


def upload_request(headers: Headers) -> UploadRequest:
    """What a POST asks for: name, length and perhaps hash of the file."""
    if headers.get("Upload-Concat") is not None:
        raise BadRequest("Send the file as one upload: Upload-Concat is not supported.", "no-concatenation")
    if headers.get("Upload-Defer-Length") is not None:
        raise BadRequest("Say the length now: Upload-Defer-Length is not supported.", "length-needed")
    metadata = headers.get("Upload-Metadata") or ""
    return UploadRequest.of(number(headers, "Upload-Length"), read_metadata(metadata), metadata)


def read_metadata(header: str) -> dict[str, str]:
    """The pairs of an Upload-Metadata header that mean something here, their values decoded."""
    if len(header) > LONGEST_METADATA:
        raise BadRequest(f"Upload-Metadata may have {LONGEST_METADATA} characters.", "bad-metadata")
    pairs = [pair.strip(" ").partition(" ") for pair in header.split(",") if pair.strip(" ")]
    values = {key: value for key, _, value in pairs}
    if len(values) < len(pairs):
        raise BadRequest("A key stands twice in Upload-Metadata.", "bad-metadata")
    return {key: _decoded(key, value) for key, value in values.items() if key in METADATA_KEYS}


def _decoded(key: str, value: str) -> str:
    try:
        return b64decode(value, validate=True).decode()
    except (NotBase64, ValueError):
        raise BadRequest(
            f"The value of {key} in Upload-Metadata is not base64 of UTF-8.", "bad-metadata"
        ) from None


def number(headers: Headers, name: str) -> int:
    """A header that must be a whole number."""
    found = reading.whole(headers.get(name) or "")
    if found is None or found > MOST:
        raise BadRequest(f"{name} must be a whole number.", "bad-number")
    return found


def checksum(headers: Headers) -> Checksum | None:
    """What Upload-Checksum says, or None when it is not sent."""
    given = headers.get("Upload-Checksum")
    return None if given is None else Checksum.parse(given)


def state_of(upload: Upload) -> dict[str, str]:
    """The headers that say how far an upload is, and until when it waits."""
    return {"Upload-Offset": str(upload.offset), **expiry(upload.expires)}


def expiry(at: datetime) -> dict[str, str]:
    """The header that says until when an upload waits."""
    return {"Upload-Expires": format_datetime(at.astimezone(UTC), usegmt=True)}
