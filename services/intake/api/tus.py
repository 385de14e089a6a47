"""What tus 1.0.0 writes into headers, read strictly."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Protocol

from services.intake.domain import CHECKSUM_ALGORITHMS, Checksum, Upload, UploadRequest
from shared.core.errors import AppError, BadRequest

VERSION = "1.0.0"
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
        "Upload-Metadata", "`filename`, and perhaps `sha256` and `filetype`, each with its value in base64."
    ),
)
APPENDING = (
    RESUMABLE,
    _header("Upload-Offset", "The number of the first byte that is sent, as HEAD says it."),
    _header("Upload-Checksum", "sha256 or sha1, a space, and the body's digest in base64.", required=False),
)
METADATA_KEYS = ("filename", "sha256", "filetype")
LONGEST_METADATA = 4096


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


def upload_request(headers: Headers) -> UploadRequest:
    """What a POST asks for: name, length and perhaps hash of the file."""
    if headers.get("Upload-Defer-Length") is not None:
        raise BadRequest("Say the length now: Upload-Defer-Length is not supported.", "length-needed")
    metadata = headers.get("Upload-Metadata") or ""
    return UploadRequest.of(number(headers, "Upload-Length"), read_metadata(metadata), metadata)


def read_metadata(header: str) -> dict[str, str]:
    """The pairs of an Upload-Metadata header, their values decoded."""
    if len(header) > LONGEST_METADATA:
        raise BadRequest(f"Upload-Metadata may have {LONGEST_METADATA} characters.", "bad-metadata")
    pairs = [_pair(pair.strip(" ")) for pair in header.split(",")] if header else []
    values = dict(pairs)
    if len(values) < len(pairs):
        raise BadRequest("A key stands twice in Upload-Metadata.", "bad-metadata")
    return values


def _pair(pair: str) -> tuple[str, str]:
    key, _, value = pair.partition(" ")
    if key not in METADATA_KEYS:
        raise BadRequest(f"Upload-Metadata may hold {', '.join(METADATA_KEYS)}, not {key!r}.", "bad-metadata")
    try:
        return key, b64decode(value, validate=True).decode()
    except (NotBase64, ValueError):
        raise BadRequest(
            f"The value of {key} in Upload-Metadata is not base64 of UTF-8.", "bad-metadata"
        ) from None


def number(headers: Headers, name: str) -> int:
    """A header that must be a whole number."""
    given = headers.get(name)
    if given is None or not re.fullmatch("[0-9]{1,15}", given, re.ASCII):
        raise BadRequest(f"{name} must be a whole number.", "bad-number")
    return int(given)


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
