"""The end of an upload: what its bytes turned out to be, whether they may be kept, and as whose."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.evidence import Blob, FileOwnership
from services.intake.domain.file_types import FILE_TYPES, extension
from services.intake.domain.uploads import Refusal, Upload, UploadRules, not_sealed


@dataclass(frozen=True)
class Inspection:
    """What finished bytes are: a type by content, or None, how to call them, and what is wrong with them."""

    sha256: str
    type: str | None
    description: str
    defect: str | None = None


def refusal_of(rules: UploadRules, upload: Upload, inspection: Inspection) -> Refusal | None:
    """What is wrong with a finished file, or None when it may be kept."""
    if upload.sha256 not in (None, inspection.sha256):
        return Refusal(
            "sha256-differs",
            f"The bytes have the SHA-256 {inspection.sha256}, not {upload.sha256} as announced. "
            "Nothing was kept: send the right file.",
        )
    if rules.only is not None and (refusal := not_sealed(rules.only, inspection.sha256, upload.length)):
        return refusal
    wrong = _wrong_type(rules, upload.name, inspection)
    content = f"{upload.name!r} was refused: by its content it is {inspection.description}"
    return Refusal("wrong-type", f"{content}{wrong}") if wrong else None


def _wrong_type(rules: UploadRules, name: str, inspection: Inspection) -> str | None:
    """How the sentence about a file of a wrong type ends."""
    if inspection.defect:
        return f", and {inspection.defect}."
    file_type = FILE_TYPES.get(inspection.type or "")
    if file_type is None or file_type.family not in rules.types:
        return f". Allowed: {', '.join(sorted(rules.types))}."
    if extension(name) not in file_type.extensions:
        return f". Check what you are sending; if that is right, name it *.{file_type.extensions[0]}."
    return None


def kept_file(
    upload: Upload,
    inspection: Inspection,
    blob: Blob | None,
    ownership: FileOwnership | None,
    arrived: datetime,
) -> tuple[Blob, FileOwnership]:
    """The blob and the ownership once finished bytes are kept, given those that there are.

    Bytes that are stored already stay where they are, and an ownership's name stays too.
    """
    owned = ownership or FileOwnership(
        agency=upload.agency,
        sha256=inspection.sha256,
        size=upload.length,
        type=str(inspection.type),
        name=upload.name,
        at=arrived,
        cycles=(),
    )
    stored = blob or Blob(inspection.sha256, upload.id, upload.length, str(inspection.type))
    return stored, owned.with_arrival(upload.cycle, arrived)


def finished(upload: Upload, refusal: Refusal | None, now: datetime) -> Upload:
    """The upload when all of its bytes have come: done, or refused."""
    if refusal:
        return replace(upload, state="refused", refusal=refusal, lease_until=now)
    return replace(upload, state="done", offset=upload.length, lease_until=now)
