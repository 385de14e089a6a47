"""The rules of evidence: what an upload promises, what may come in, who possesses a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.intake.domain import UploadRules
from shared.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound, TooLarge
from shared.core.people import AGENCY_ROLES, Caller

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
class Kind:
    """A type of file, found by its content: its short name, family, media type and extensions."""

    name: str
    family: str
    media_type: str
    extensions: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"

KINDS = {
    one.name: one
    for one in (
        Kind("pdf", "pdf", "application/pdf", ("pdf",)),
        Kind("png", "image", "image/png", ("png",)),
        Kind("jpeg", "image", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
        Kind("gif", "image", "image/gif", ("gif",)),
        Kind("webp", "image", "image/webp", ("webp",)),
        Kind("tiff", "image", "image/tiff", ("tif", "tiff")),
        Kind("heic", "image", "image/heic", ("heic", "heif")),
        Kind("docx", "office", f"{_OFFICE}.wordprocessingml.document", ("docx",)),
        Kind("xlsx", "office", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
        Kind("pptx", "office", f"{_OFFICE}.presentationml.presentation", ("pptx", "ppsx")),
        Kind("odt", "office", f"{_ODF}.text", ("odt",)),
        Kind("ods", "office", f"{_ODF}.spreadsheet", ("ods",)),
        Kind("odp", "office", f"{_ODF}.presentation", ("odp",)),
        Kind("doc", "office", "application/msword", ("doc",)),
        Kind("xls", "office", "application/vnd.ms-excel", ("xls",)),
        Kind("ppt", "office", "application/vnd.ms-powerpoint", ("ppt", "pps")),
        Kind("zip", "zip", "application/zip", ("zip",)),
        Kind("mp4", "mp4", "video/mp4", ("mp4", "m4v")),
    )
}


@dataclass(frozen=True)
class Promise:
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


@dataclass(frozen=True)
class Found:
    """What the bytes of a finished upload are: a kind by content, or None; `flaw` says what is wrong with them."""

    sha256: str
    kind: str | None
    seen: str
    flaw: str | None = None


@dataclass(frozen=True)
class Possession:
    """A file whose every byte an agency sent itself, in one or more cycles; `at` is its first arrival."""

    agency: str
    sha256: str
    size: int
    type: str
    name: str
    at: datetime
    cycles: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        """Its type with family, media type and extensions."""
        return KINDS[self.type]


@dataclass(frozen=True)
class Blob:
    """Stored bytes: they stand under the id of the upload that brought them first."""

    sha256: str
    upload: str
    size: int
    type: str


def may_see(caller: Caller, agency: str) -> None:
    """NotFound unless the caller is one of that agency's own people."""
    if not caller.has(*AGENCY_ROLES, agency=agency):
        raise nothing_there()


def nothing_there() -> NotFound:
    """The one answer for what does not exist and for what is another agency's."""
    return NotFound("There is no such file or upload here.")


def check_promise(rules: UploadRules, promise: Promise, used: int) -> None:
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
    if extension(name) not in (allowed := allowed_extensions(rules)):
        raise Invalid(
            f"{name!r} does not end as a file of an allowed type does: {', '.join(allowed)}.",
            "type-not-allowed",
        )


def _check_only(rules: UploadRules, promise: Promise) -> None:
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


def why_refused(rules: UploadRules, upload: Upload, found: Found) -> Refusal | None:
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


def _wrong_type(rules: UploadRules, name: str, found: Found) -> str | None:
    """How the sentence about a file of a wrong type ends."""
    if found.flaw:
        return f", and {found.flaw}."
    kind = KINDS.get(found.kind or "")
    if kind is None or kind.family not in rules.types:
        return f". Allowed: {', '.join(sorted(rules.types))}."
    if extension(name) not in kind.extensions:
        return f". Check what you are sending; if that is right, name it *.{kind.extensions[0]}."
    return None


def allowed_extensions(rules: UploadRules) -> list[str]:
    """Every extension of the allowed families."""
    return sorted(end for kind in KINDS.values() if kind.family in rules.types for end in kind.extensions)


def extension(name: str) -> str:
    """What stands after the last dot, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def check_unused(named_by: Sequence[str]) -> None:
    """Refuse to let a file go that an answer rests on or that was sealed."""
    if named_by:
        raise Conflict(
            f"This file is named by {', '.join(named_by[:5])}: take it out of the answers first. "
            "What was sealed stays.",
            "file-in-use",
            {"named_by": list(named_by[:200])},
        )


def check_bearer(caller: Caller, issuer: str, subject: str) -> None:
    """Forbidden unless the caller is the person whom a link names."""
    if (caller.issuer, caller.subject) != (issuer, subject):
        raise link_refused()


def link_refused() -> Forbidden:
    """The one answer for every link that opens nothing, whatever the cause."""
    return Forbidden(
        "This link does not open anything for you. Open the file again from its page.", "link-refused"
    )
