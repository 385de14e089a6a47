"""The rules of uploads: what is asked for, what may come in, and why finished bytes are refused."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from services.intake.domain.evidence import KINDS, Inspection, allowed_extensions, extension
from shared.core.errors import AppError, Conflict, Invalid, TooLarge

if TYPE_CHECKING:
    from hashlib import _Hash

IDLE = timedelta(days=3)
"""How long an upload waits for its next bytes."""

MOST_OPEN = 1000
"""Uploads of one agency in one cycle that may be under way."""


class Gone(AppError):
    """It was there, and it is over."""

    status, code, title = 410, "upload-over", "Upload over"


class ChecksumMismatch(AppError):
    """The bytes are not those that the checksum was made from; 460 is tus's own status for it."""

    status, code, title = 460, "checksum-mismatch", "Checksum mismatch"


class LeaseLost(Conflict):
    """Another request went on with this upload meanwhile."""

    code = "lost-lease"


@dataclass(frozen=True)
class UploadRules:
    """What one agency may upload now; `only` gives the sealed size by hash after a seal."""

    participation: str
    agency: str
    cycle: str
    max_file_bytes: int
    quota_bytes: int
    types: frozenset[str]
    until: datetime
    only: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Checksum:
    """What a PATCH says that the hash of its body is."""

    algorithm: str
    digest: bytes

    def fresh(self) -> "_Hash":
        """A hash of the algorithm, over nothing yet."""
        return hashlib.new(self.algorithm, usedforsecurity=self.algorithm != "sha1")


@dataclass(frozen=True)
class UploadRequest:
    """What a client says of the file that it is about to send."""

    name: str
    length: int
    sha256: str | None
    metadata: str


@dataclass(frozen=True)
class Refusal:
    """Why finished bytes were not kept: a problem's code, and its sentence."""

    code: str
    detail: str


@dataclass(frozen=True)
class Upload:
    """A file on its way; `state` is open, done, refused (`refusal` says why), ended or expired.

    A PATCH holds it until `lease_until`, under a `fence` that grows by one with each PATCH.
    """

    id: str
    participation: str
    agency: str
    cycle: str
    name: str
    length: int
    sha256: str | None
    metadata: str
    offset: int
    state: str
    fence: int
    lease_until: datetime
    expires: datetime
    refusal: Refusal | None = None
    rev: int = 0


def check_upload_request(rules: UploadRules, promise: UploadRequest, used: int) -> None:
    """Refuse at once what could not be kept at the end; `used` counts kept and promised bytes of this cycle."""
    if promise.length > rules.max_file_bytes:
        raise TooLarge(
            f"The file has {promise.length} bytes; at most {rules.max_file_bytes} are allowed in this cycle.",
            "file-too-large",
            {"max_file_bytes": rules.max_file_bytes},
        )
    if used + promise.length > rules.quota_bytes:
        left = max(rules.quota_bytes - used, 0)
        raise TooLarge(
            f"Your agency has {left} of its {rules.quota_bytes} bytes left in this cycle, uploads under way "
            f"counted; this file needs {promise.length}. End an upload that you do not need, or send less.",
            "quota-exceeded",
            {"quota_bytes": rules.quota_bytes, "left_bytes": left},
        )
    _check_extension(rules, promise.name)
    _check_only(rules, promise)


def check_under_way(count: int) -> None:
    """Conflict when an agency has begun too many uploads that it neither finished nor ended."""
    if count >= MOST_OPEN:
        raise Conflict(
            f"{count} uploads of your agency are under way already: finish or end some of them first.",
            "too-many-uploads",
        )


def _check_extension(rules: UploadRules, name: str) -> None:
    if extension(name) not in (allowed := allowed_extensions(rules.types)):
        raise Invalid(
            f"{name!r} does not end as a file of an allowed type does: {', '.join(allowed)}.",
            "type-not-allowed",
        )


def _check_only(rules: UploadRules, promise: UploadRequest) -> None:
    if rules.only is None:
        return
    if promise.sha256 is None:
        raise Invalid(
            "After sealing, say in Upload-Metadata which sealed file this is: sha256.", "sha256-needed"
        )
    if why := _not_sealed(rules.only, promise.sha256, promise.length):
        raise refused(why)


def _not_sealed(sealed: Mapping[str, int], sha256: str, size: int) -> Refusal | None:
    """Why a file is not one of the sealed list, which gives the size of each by SHA-256; None when it is."""
    if sha256 not in sealed:
        return Refusal("not-in-manifest", "The sealed list has no such file. Nothing was kept.")
    if sealed[sha256] != size:
        return Refusal(
            "size-differs",
            f"The sealed list says that this file has {sealed[sha256]} bytes, not {size}. Nothing was kept.",
        )
    return None


def check_going_on(upload: Upload, now: datetime) -> None:
    """Raise Gone, Conflict or the refusal when no more bytes can be added to an upload."""
    if upload.state == "done":
        raise Conflict("Every byte of this upload has arrived already.", "upload-complete")
    if upload.refusal:
        raise refused(upload.refusal)
    if upload.state != "open" or now >= upload.expires:
        raise Gone("This upload is over: start a new one.")


def refused(why: Refusal) -> Invalid:
    """The problem that says why the finished bytes of an upload were not kept."""
    return Invalid(why.detail, why.code)


def why_refused(rules: UploadRules, upload: Upload, found: Inspection) -> Refusal | None:
    """What is wrong with a finished file, or None when it may be kept."""
    if upload.sha256 not in (None, found.sha256):
        return Refusal(
            "sha256-differs",
            f"The bytes have the SHA-256 {found.sha256}, not {upload.sha256} as promised. "
            "Nothing was kept: send the right file.",
        )
    if rules.only is not None and (why := _not_sealed(rules.only, found.sha256, upload.length)):
        return why
    wrong = _wrong_type(rules, upload.name, found)
    said = f"{upload.name!r} was refused: by its content it is {found.seen}"
    return Refusal("wrong-type", f"{said}{wrong}") if wrong else None


def _wrong_type(rules: UploadRules, name: str, found: Inspection) -> str | None:
    """How the sentence about a file of a wrong type ends."""
    if found.flaw:
        return f", and {found.flaw}."
    kind = KINDS.get(found.kind or "")
    if kind is None or kind.family not in rules.types:
        return f". Allowed: {', '.join(sorted(rules.types))}."
    if extension(name) not in kind.extensions:
        return f". Check what you are sending; if that is right, name it *.{kind.extensions[0]}."
    return None
