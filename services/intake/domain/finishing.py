"""The end of an upload: whether its bytes may be inspected, what that finds, whether they are kept, and as whose."""

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.evidence import Blob, FileOwnership
from services.intake.domain.file_types import Signature
from services.intake.domain.inspection import Examined, Inspection, Refusal, content_refusal, findings_of
from services.intake.domain.replacements import unlisted
from services.intake.domain.uploads import Upload, UploadRules

JOB = "inspection"
"""The kind of the jobs that inspect what has arrived."""


@dataclass(frozen=True)
class Content:
    """All bytes of an upload at first sight: their SHA-256, and what the first of them say."""

    sha256: str
    signature: Signature


def arrival_refusal(rules: UploadRules, upload: Upload, content: Content) -> Refusal | None:
    """What is wrong with bytes at first sight, or None when they are to be inspected."""
    sha256, signature = content.sha256, content.signature
    if upload.sha256 not in (None, sha256):
        return Refusal(
            "sha256-differs",
            f"The bytes have the SHA-256 {sha256}, not {upload.sha256} as announced. "
            "Nothing was kept: send the right file.",
        )
    if refusal := unlisted(rules, upload.replaces, sha256, upload.length):
        return refusal
    if signature.is_container:
        return None
    return content_refusal(rules.types, upload.name, Inspection(signature.type, signature.description))


def arrived(upload: Upload, sha256: str, at: datetime) -> Upload:
    """The upload when all of its bytes have come and are to be inspected; `at` is when they came."""
    return replace(
        upload, state="inspecting", offset=upload.length, content_sha256=sha256, arrived_at=at, lease_until=at
    )


def refused_upload(upload: Upload, sha256: str, refusal: Refusal, now: datetime) -> Upload:
    """The upload when its bytes are not kept."""
    return replace(upload, state="refused", content_sha256=sha256, refusal=refusal, lease_until=now)


def inspected(upload: Upload, types: Set[str], inspection: Inspection) -> Upload:
    """The upload after its inspection, where files of these families are taken: done, refused, or ended as wished."""
    refusal = content_refusal(types, upload.name, inspection)
    return replace(
        upload,
        state="refused" if refusal else "ended" if upload.dismissed else "done",
        refusal=refusal,
        type=inspection.type,
        pages=inspection.pages,
        findings=findings_of(inspection),
    )


def kept_file(
    upload: Upload, examined: Examined, blob: Blob | None, ownership: FileOwnership | None
) -> tuple[Blob, FileOwnership]:
    """The blob and the ownership once inspected bytes are kept, given those that there are.

    Bytes that are stored already stay where they are, and an ownership's name stays too; what was found now counts.
    """
    assert upload.content_sha256 is not None
    assert upload.arrived_at is not None
    owned = ownership or FileOwnership(
        agency=upload.agency,
        sha256=upload.content_sha256,
        size=upload.length,
        type=str(upload.type),
        name=upload.name,
        at=upload.arrived_at,
        cycles=(),
    )
    found = replace(owned, pages=upload.pages, findings=upload.findings)
    stored = blob or Blob(upload.content_sha256, upload.id, upload.length, str(upload.type))
    return replace(stored, examined=examined), found.with_arrival(upload.cycle, upload.arrived_at)
