"""The rules of evidence: types of files, who owns a file, whom a link lets read it."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from shared.core.errors import Conflict, Forbidden, NotFound
from shared.core.people import AGENCY_ROLES, Caller

_OFFICE = "application/vnd.openxmlformats-officedocument"

_ODF = "application/vnd.oasis.opendocument"


@dataclass(frozen=True)
class Kind:
    """A type of file, found by its content: its short name, family, media type and extensions."""

    name: str
    family: str
    media_type: str
    extensions: tuple[str, ...]


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
class Inspection:
    """What the bytes of a finished upload are: a kind by content, or None; `flaw` says what is wrong with them."""

    sha256: str
    kind: str | None
    seen: str
    flaw: str | None = None


@dataclass(frozen=True)
class FileOwnership:
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


def check_owner(caller: Caller, agency: str) -> None:
    """NotFound unless the caller is one of that agency's own people."""
    if not caller.has(*AGENCY_ROLES, agency=agency):
        raise file_not_found()


def file_not_found() -> NotFound:
    """The one answer for what does not exist and for what is another agency's."""
    return NotFound("There is no such file or upload here.")


def allowed_extensions(families: Set[str]) -> list[str]:
    """Every extension of the allowed families."""
    return sorted(end for kind in KINDS.values() if kind.family in families for end in kind.extensions)


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
