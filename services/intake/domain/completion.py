"""Whether the files of a submission have come, which of them are missing, and when it is complete."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from services.intake.domain.evidence import FileOwnership
from services.intake.domain.inspection import Finding
from services.intake.domain.participations import is_over
from services.intake.domain.rounds import EvidenceRules
from services.intake.domain.sealing import ManifestFile
from services.intake.domain.submissions import Missing, Replacement, Submission
from shared.core.errors import Invalid

GRACE = timedelta(seconds=10)
"""How long a request that arrived in time may still be under way."""


@dataclass(frozen=True)
class ArrivedFile:
    """A file that the agency has uploaded: bytes, type by content (docx), family of types (office).

    `counted` says whether its bytes count in the submission's cycle, or only in another one's.
    """

    size: int
    type: str
    family: str
    counted: bool
    pages: int | None = None
    findings: tuple[Finding, ...] = ()


class Promise(Protocol):
    """What a seal promises, or would promise: files of an agency, to come until a moment."""

    @property
    def cycle(self) -> str: ...
    @property
    def files(self) -> tuple[ManifestFile, ...]: ...
    @property
    def bytes_until(self) -> datetime: ...
    @property
    def replacements(self) -> tuple[Replacement, ...]: ...


def arrived_in_time(submission: Promise, owned: Mapping[str, FileOwnership]) -> Mapping[str, ArrivedFile]:
    """What the agency owns of a submission's files, but for those that came after its time for bytes."""
    return {
        sha256: ArrivedFile(
            size=file.size,
            type=file.type,
            family=file.file_type.family,
            counted=submission.cycle in file.cycles,
            pages=file.pages,
            findings=file.findings,
        )
        for sha256, file in owned.items()
        if not is_over(submission.bytes_until, file.at)  # another cycle takes files for longer
    }


def check_sizes(submission: Promise, arrived: Mapping[str, ArrivedFile]) -> None:
    """Refuse to sign a size that a file, which is here already, does not have."""
    wrong = [
        f"{file.name} has {arrived[file.sha256].size} bytes, not {file.size}"
        for file in submission.files
        if file.sha256 in arrived and arrived[file.sha256].size != file.size
    ]
    if wrong:
        raise Invalid(
            f"The list of files does not fit the files: {'; '.join(wrong[:5])}.",
            "files-differ",
            {"problems": wrong[:200]},
        )


def check_quota(
    submission: Promise, arrived: Mapping[str, ArrivedFile], rules: EvidenceRules, kept: int
) -> None:
    """Refuse to sign a list of files that the quota does not let come; `kept` counts the cycle's bytes that are here.

    A file here from another cycle needs room too, since a client may send it again before those still to come.
    Uploads under way do not count: they can be ended, and a file too large ever to be taken needs no room.
    """
    wanted = sum(
        file.size
        for file in submission.files
        if not _is_counted(arrived.get(file.sha256)) and file.size <= rules.max_file_bytes
    )
    if kept + wanted > rules.quota_bytes and not settled(submission, arrived, rules):
        raise Invalid(
            f"Of the {rules.quota_bytes} bytes of this cycle your agency keeps {kept}, and the listed files that "
            f"do not count in it yet need {wanted}: they could never all arrive. Unlink files that no answer names, "
            "or name fewer.",
            "promise-over-quota",
            {"quota_bytes": rules.quota_bytes, "kept_bytes": kept, "wanted_bytes": wanted},
        )


def _is_counted(arrived: ArrivedFile | None) -> bool:
    return arrived is not None and arrived.counted


def settled(submission: Promise, arrived: Mapping[str, ArrivedFile], rules: EvidenceRules) -> bool:
    """Whether nothing more can come: every file is there, has been replaced, or is too large ever to be taken."""
    replaced = {replacement.sha256 for replacement in submission.replacements}
    return all(
        _came(file, arrived) or file.sha256 in replaced or file.size > rules.max_file_bytes
        for file in submission.files
    )


def _came(file: ManifestFile, arrived: Mapping[str, ArrivedFile]) -> ArrivedFile | None:
    """What came as a sealed file; nothing did when only bytes of another size than the sealed one are here."""
    found = arrived.get(file.sha256)
    return found if found and found.size == file.size else None


def missing(
    submission: Promise,
    arrived: Mapping[str, ArrivedFile],
    rules: EvidenceRules,
    refused: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Missing, ...]:
    """The files that have not come or may not be used, and why; `refused` says why those that came were refused."""
    reasons = ((file, _reason(file, _came(file, arrived), rules)) for file in submission.files)
    by = {replacement.sha256: replacement.by for replacement in submission.replacements}
    return tuple(
        Missing(
            file.sha256,
            file.name,
            refused.get(file.sha256, reason) if reason == "absent" else reason,
            by.get(file.sha256),
        )
        for file, reason in reasons
        if reason
    )


def _reason(file: ManifestFile, arrived: ArrivedFile | None, rules: EvidenceRules) -> str | None:
    if file.size > rules.max_file_bytes:
        return "too-large"
    if arrived is None:
        return "absent"
    return None if arrived.family in rules.types else "wrong-type"


def is_overdue(submission: Submission, now: datetime) -> bool:
    """Whether a submission still waits for bytes, and no request that arrived in time can be under way any more."""
    return submission.completed_at is None and now > submission.bytes_until + GRACE


def completed(submission: Submission, missing: tuple[Missing, ...], now: datetime) -> Submission:
    """The submission as complete now, without the missing files.

    A request that began before the seal may complete it after it: nothing is complete before it is sealed.
    """
    return replace(submission, completed_at=max(now, submission.sealed_at), missing=missing)


def sealed_files(
    submission: Submission, arrived: Mapping[str, ArrivedFile]
) -> list[tuple[ManifestFile, ArrivedFile | None]]:
    """Every sealed file, and what came as it; None for one that is missing."""
    missing = {file.sha256 for file in submission.missing}
    return [(file, None if file.sha256 in missing else arrived[file.sha256]) for file in submission.files]
