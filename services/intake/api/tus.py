"""What tus 1.0.0 writes into headers, read strictly."""

import hashlib
import re
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Protocol

from services.intake.domain import Checksum, Upload, UploadRequest, safe_name
from shared.core.errors import AppError, BadRequest, Invalid

VERSION = "1.0.0"
ALGORITHMS = ("sha256", "sha1")
MEDIA_TYPE = "application/offset+octet-stream"
CAPABILITIES = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,checksum,expiration,termination",
    "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
}


def _header(name: str, description: str, required: bool = True) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"in": "header", "name": name, "required": required, "description": description, "schema": schema}


SPOKEN = _header("Tus-Resumable", f"{VERSION}.")
BEGINNING = (
    SPOKEN,
    _header("Upload-Length", "Bytes of the whole file."),
    _header(
        "Upload-Metadata", "`filename`, and perhaps `sha256` and `filetype`, each with its value in base64."
    ),
)
ADDING = (
    SPOKEN,
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
    length = number(headers, "Upload-Length")
    if length == 0:
        raise Invalid("An empty file is no evidence.", "empty-file")
    metadata = headers.get("Upload-Metadata") or ""
    metadata_pairs = read_metadata(metadata)
    if "filename" not in metadata_pairs:
        raise BadRequest("Upload-Metadata must hold `filename` with its value in base64.", "bad-metadata")
    sha256 = metadata_pairs.get("sha256")
    if sha256 is not None and not re.fullmatch("[0-9a-f]{64}", sha256):
        raise BadRequest("`sha256` in Upload-Metadata must be 64 hexadecimal digits.", "bad-metadata")
    return UploadRequest(safe_name(metadata_pairs["filename"]), length, sha256, metadata)


def read_metadata(header: str) -> dict[str, str]:
    """The pairs of an Upload-Metadata header, their values decoded."""
    if len(header) > LONGEST_METADATA:
        raise BadRequest(f"Upload-Metadata may have {LONGEST_METADATA} characters.", "bad-metadata")
    pairs = [_pair(pair.strip(" ")) for pair in header.split(",")] if header else []
    metadata_pairs = dict(pairs)
    if len(metadata_pairs) < len(pairs):
        raise BadRequest("A key stands twice in Upload-Metadata.", "bad-metadata")
    return metadata_pairs


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
    if given is None:
        return None
    algorithm, _, value = given.partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadRequest(f"Upload-Checksum may use {' or '.join(ALGORITHMS)}.", "bad-checksum")
    try:
        digest = b64decode(value, validate=True)
    except (NotBase64, ValueError):
        digest = b""
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise BadRequest(f"Upload-Checksum must hold a whole {algorithm} digest in base64.", "bad-checksum")
    return Checksum(algorithm, digest)


def state_of(upload: Upload) -> dict[str, str]:
    """The headers that say how far an upload is, and until when it waits."""
    return {"Upload-Offset": str(upload.offset), **expiry(upload.expires)}


def expiry(at: datetime) -> dict[str, str]:
    """The header that says until when an upload waits."""
    return {"Upload-Expires": format_datetime(at.astimezone(UTC), usegmt=True)}
