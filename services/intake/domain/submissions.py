"""A sealed submission: what its receipt says, which of its files have come, when it is complete."""

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from services.intake.domain.evidence import FileOwnership
from services.intake.domain.rounds import EvidenceRules, is_over
from services.intake.domain.sealing import Consent, ManifestFile, Minutes
from shared.core.errors import Invalid, NotFound
from shared.signing import receipts


@dataclass(frozen=True)
class ArrivedFile:
    """A file that the agency has uploaded: bytes, type by content (docx), family of types (office).

    `counted` says whether its bytes count in the submission's cycle, or only in another one's.
    """

    size: int
    type: str
    family: str
    counted: bool


def arrived_in_time(
    submission: "Submission", owned: Mapping[str, FileOwnership]
) -> Mapping[str, ArrivedFile]:
    """What the agency owns of a submission's files, but for those that came after its time for bytes."""
    return {
        sha256: ArrivedFile(file.size, file.type, file.kind.family, submission.cycle in file.cycles)
        for sha256, file in owned.items()
        if not is_over(submission.bytes_until, file.at)  # another cycle takes files for longer
    }


@dataclass(frozen=True)
class SealedAnswer:
    """One sealed answer; `rev` names the saved version that holds its words."""

    indicator: str
    value: str
    evidence: tuple[str, ...]
    words_sha256: str
    rev: int


@dataclass(frozen=True)
class Missing:
    """A sealed file that may not be used: absent, wrong-type or too-large."""

    sha256: str
    name: str
    reason: str


@dataclass(frozen=True)
class Submission:
    """What an agency sealed; all but its completion never changes."""

    id: str
    participation: str
    cycle: str
    agency: str
    edition: str
    edition_hash: str
    guide_version: str
    version: int
    activity: str
    visit: bool
    sealed_at: datetime
    sealed_by: str
    answers: tuple[SealedAnswer, ...]
    files: tuple[ManifestFile, ...]
    minutes: Minutes
    consent: Consent
    bytes_until: datetime
    receipt: Mapping[str, Any] | None = None
    completed_at: datetime | None = None
    missing: tuple[Missing, ...] = ()
    rev: int = 0

    @property
    def state(self) -> str:
        """sealed or completed."""
        return "completed" if self.completed_at else "sealed"


def leaves(submission: Submission) -> list[bytes]:
    """The Merkle leaves of a submission: its answers in the edition's order, then its files by hash."""
    return receipts.leaves(
        [(one.indicator, one.value, one.words_sha256, one.evidence) for one in submission.answers],
        [(one.sha256, one.name, one.size) for one in submission.files],
    )


def receipt_document(submission: Submission) -> dict[str, Any]:
    """What the receipt says, yet unsigned; `statement_sha256` covers the minutes and the consent."""
    statement = {
        "minutes": asdict(submission.minutes) | {"date": submission.minutes.date.isoformat()},
        "consent": asdict(submission.consent),
    }
    return receipts.document(
        "submission",
        submission.id,
        leaves(submission),
        submission.sealed_at,
        receipts.Edition(submission.edition, submission.edition_hash, submission.guide_version),
        participation=submission.participation,
        cycle=submission.cycle,
        agency=submission.agency,
        version=submission.version,
        statement_sha256=receipts.explanation_hash(statement),
    )


def place_of(submission: Submission, answer: str | None, file: str | None) -> int:
    """Which leaf one answer (by indicator) or one file (by hash) is; NotFound when it was not sealed."""
    for place, one in enumerate(submission.answers):
        if one.indicator == answer:
            return place
    for place, sha256 in enumerate(sorted(one.sha256 for one in submission.files)):
        if sha256 == file:
            return len(submission.answers) + place
    raise NotFound("This submission has no such answer or file.")


def check_sizes(submission: Submission, held: Mapping[str, ArrivedFile]) -> None:
    """Refuse to sign a size that a file, which is here already, does not have."""
    wrong = [
        f"{one.name} has {held[one.sha256].size} bytes, not {one.size}"
        for one in submission.files
        if one.sha256 in held and held[one.sha256].size != one.size
    ]
    if wrong:
        raise Invalid(
            f"The list of files does not fit the files: {'; '.join(wrong[:5])}.",
            "files-differ",
            {"problems": wrong[:200]},
        )


def check_quota(
    submission: Submission, held: Mapping[str, ArrivedFile], rules: EvidenceRules, kept: int
) -> None:
    """Refuse to sign a promise that the quota does not let come; `kept` counts the cycle's bytes that are here.

    A file held from another cycle needs room too, since a client may send it again before those still to come.
    Uploads under way do not count: they can be ended, and a file too large ever to be taken needs no room.
    """
    new = [one for one in submission.files if one.sha256 not in held or not held[one.sha256].counted]
    wanted = sum(one.size for one in new if one.size <= rules.max_file_bytes)
    if kept + wanted > rules.quota_bytes and not settled(submission, held, rules):
        raise Invalid(
            f"Of the {rules.quota_bytes} bytes of this cycle your agency keeps {kept}, and the listed files that "
            f"do not count in it yet need {wanted}: they could never all arrive. Let go of files that no answer names, "
            "or name fewer.",
            "promise-over-quota",
            {"quota_bytes": rules.quota_bytes, "kept_bytes": kept, "wanted_bytes": wanted},
        )


def settled(submission: Submission, held: Mapping[str, ArrivedFile], rules: EvidenceRules) -> bool:
    """Whether nothing more can come: every file is there, or too large ever to be taken."""
    return all(_came(one, held) or one.size > rules.max_file_bytes for one in submission.files)


def _came(file: ManifestFile, held: Mapping[str, ArrivedFile]) -> ArrivedFile | None:
    """What came as a sealed file; nothing did when only bytes of another size than the sealed one are here."""
    found = held.get(file.sha256)
    return found if found and found.size == file.size else None


def missing(
    submission: Submission,
    held: Mapping[str, ArrivedFile],
    rules: EvidenceRules,
    refused: Set[str] = frozenset(),
) -> tuple[Missing, ...]:
    """The files that have not come or may not be used, and why; `refused` came and were of a wrong type."""
    found = ((one, _reason(one, _came(one, held), rules)) for one in submission.files)
    return tuple(
        Missing(
            one.sha256, one.name, "wrong-type" if one.sha256 in refused and reason == "absent" else reason
        )
        for one, reason in found
        if reason
    )


def _reason(file: ManifestFile, held: ArrivedFile | None, rules: EvidenceRules) -> str | None:
    if file.size > rules.max_file_bytes:
        return "too-large"
    if held is None:
        return "absent"
    return None if held.family in rules.types else "wrong-type"
