"""The rules of uploads: what is asked for, what may come in, and until when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

from services.intake.domain.evidence import check_own, file_not_found
from services.intake.domain.file_types import allowed_extensions, extension
from services.intake.domain.inspection import Finding, Refusal
from services.intake.domain.names import safe_name
from shared.core.errors import AppError, BadRequest, Conflict, Invalid, Locked, TooLarge
from shared.core.people import Caller

IDLE = timedelta(days=3)
"""How long an upload waits for its next bytes."""

MOST_OPEN = 1000
"""Uploads of one agency in one cycle that may be under way."""


class Gone(AppError):
    """It was there, and it is over."""

    status, code, title = 410, "upload-over", "Upload over"


class LeaseLost(Conflict):
    """Another request went on with this upload meanwhile."""

    code = "lost-lease"


@dataclass(frozen=True)
class UploadRules:
    """What one agency may upload now: sizes in bytes; `only` gives the sealed size by hash after a seal.

    In the place of each `replaceable` of these, which was refused, another file may come.
    """

    participation: str
    agency: str
    cycle: str
    max_file_bytes: int
    quota_bytes: int
    types: frozenset[str]
    only: Mapping[str, int] | None = None
    replaceable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class UploadRequest:
    """What a client says of the file that it is about to send; `metadata` is what it sent, to be given back.

    `replaces` is the SHA-256 of a sealed file that was refused, in whose place it comes; `clarification` the question
    that it answers.
    """

    name: str
    length: int
    sha256: str | None
    metadata: str
    replaces: str | None = None
    clarification: str | None = None

    @classmethod
    def of(cls, length: int, pairs: Mapping[str, str], metadata: str) -> "UploadRequest":
        """The request for a file of so many bytes, by the pairs of its metadata; BadRequest, Invalid."""
        if length == 0:
            raise Invalid("An empty file is no evidence.", "empty-file")
        name = pairs.get("filename", pairs.get("name"))
        if name is None:
            raise BadRequest("Upload-Metadata must hold `filename` with its value in base64.", "bad-metadata")
        return cls(
            safe_name(name),
            length,
            _hash(pairs, "sha256"),
            metadata,
            _hash(pairs, "replaces"),
            pairs.get("clarification"),
        )


def _hash(pairs: Mapping[str, str], key: str) -> str | None:
    if key not in pairs:
        return None
    sha256 = pairs[key].lower()
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise BadRequest(f"`{key}` in Upload-Metadata must be 64 hexadecimal digits.", "bad-metadata")
    return sha256


@dataclass(frozen=True)
class Upload:
    """A file on its way; `state` is open, inspecting, done, refused (`refusal` says why), ended or expired.

    A PATCH holds it until `lease_until`, under a `fence` that grows by one with each PATCH. `content_sha256` is there
    once all bytes are, `arrived_at` while they are inspected; `type`, `pages` and `findings` say what they were.
    `dismissed` is one that its sender ended while it was inspected; `clarification` the question that it answers.
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
    content_sha256: str | None = None
    arrived_at: datetime | None = None
    type: str | None = None
    pages: int | None = None
    findings: tuple[Finding, ...] = ()
    replaces: str | None = None
    dismissed: bool = False
    clarification: str | None = None
    rev: int = 0

    @property
    def is_followed(self) -> bool:
        """Whether all its bytes have come and its sender still asks how it is."""
        return self.state in ("inspecting", "done") and not self.dismissed

    @classmethod
    def of(cls, id: str, rules: UploadRules, request: UploadRequest, now: datetime) -> "Upload":
        """A new upload, of which no byte has come yet."""
        return cls(
            id=id,
            participation=rules.participation,
            agency=rules.agency,
            cycle=rules.cycle,
            name=request.name,
            length=request.length,
            sha256=request.sha256,
            metadata=request.metadata,
            offset=0,
            state="open",
            fence=0,
            lease_until=now,
            expires=now + IDLE,
            replaces=request.replaces,
            clarification=request.clarification,
        )

    def is_expired(self, now: datetime) -> bool:
        """Whether it waits for its next bytes longer than it may."""
        return self.state == "open" and self.expires <= now


def own_upload(caller: Caller, upload: Upload | None, participation: str) -> Upload:
    """The upload below a participation; NotFound unless the caller is one of its agency's own people."""
    if upload is None or upload.participation != participation:
        raise file_not_found()
    check_own(caller, upload.agency)
    return upload


def check_upload_request(rules: UploadRules, request: UploadRequest, used: int) -> None:
    """Refuse at once what could not be kept at the end; `used` counts what this cycle keeps, announces, deletes."""
    if request.length > rules.max_file_bytes:
        raise TooLarge(
            f"The file has {request.length} bytes; at most {rules.max_file_bytes} are allowed in this cycle.",
            "file-too-large",
            {"max_file_bytes": rules.max_file_bytes},
        )
    if used + request.length > rules.quota_bytes:
        left = max(rules.quota_bytes - used, 0)
        raise TooLarge(
            f"Your agency has {left} of its {rules.quota_bytes} bytes left in this cycle, uploads under way "
            f"and what is just being deleted counted; this file needs {request.length}. End an upload that you do not "
            "need, or send less.",
            "quota-exceeded",
            {"quota_bytes": rules.quota_bytes, "left_bytes": left},
        )
    _check_extension(rules, request.name)
    if rules.only is not None and request.sha256 is None:
        raise Invalid(
            "After sealing, say in Upload-Metadata which file this is: its sha256.", "sha256-needed"
        )


def check_open_uploads(count: int) -> None:
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


def not_sealed(sealed: Mapping[str, int], sha256: str, size: int) -> Refusal | None:
    """Why a file is not one of the sealed list, which gives the size of each by SHA-256; None when it is."""
    if sha256 not in sealed:
        return Refusal("not-in-manifest", "The sealed list has no such file. Nothing was kept.")
    if sealed[sha256] != size:
        return Refusal(
            "size-differs",
            f"The sealed list says that this file has {sealed[sha256]} bytes, not {size}. Nothing was kept.",
        )
    return None


def check_open(upload: Upload, now: datetime) -> None:
    """Raise Gone, Conflict or the refusal when no more bytes can be added to an upload."""
    if upload.is_followed:
        raise Conflict("Every byte of this upload has arrived already.", "upload-complete")
    if upload.refusal:
        raise refused(upload.refusal)
    if upload.state != "open" or now >= upload.expires:
        raise Gone("This upload is over: start a new one.")


def ended(upload: Upload, now: datetime) -> Upload:
    """The upload when its sender wants it no more: one that was refused keeps its reason; Gone when it was over.

    What is being inspected goes on, and its outcome is evidence or a refusal as always: all of it has come.
    """
    if upload.state == "refused":
        return upload
    if upload.state == "inspecting":
        return replace(upload, dismissed=True)
    if upload.state != "done":
        check_open(upload, now)
    return replace(upload, state="ended")


def refuse_lease(upload: Upload | None, offset: int, now: datetime) -> NoReturn:
    """Say why a PATCH from that offset on cannot have an upload: NotFound, Gone, Locked, or Conflict on the offset."""
    if upload is None:
        raise file_not_found()
    check_open(upload, now)
    if upload.lease_until > now or upload.offset == offset:
        raise Locked("Another request is sending bytes of this upload: ask for its offset in a moment.")
    raise Conflict(
        f"The next byte of this upload is number {upload.offset}, not {offset}.",
        "offset-differs",
        {"offset": upload.offset},
    )


def check_length(upload: Upload, end: int) -> None:
    """TooLarge when bytes up to that offset are more than the upload was announced with."""
    if end > upload.length:
        raise TooLarge(
            f"The file has {upload.length} bytes by its Upload-Length; these are more.", "too-many-bytes"
        )


def check_lease(upload: Upload | None, leased: Upload) -> Upload:
    """The upload as it is stored; LeaseLost when it is not any more in the hands of the PATCH that leased it."""
    if upload is None or upload.state != "open" or upload.fence != leased.fence:
        raise LeaseLost("Another request went on with this upload: ask for its offset.")
    return upload


def refused(refusal: Refusal) -> Invalid:
    """The problem that says why the finished bytes of an upload were not kept."""
    return Invalid(refusal.detail, refusal.code)
