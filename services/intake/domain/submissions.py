"""A sealed submission: what its receipt says, and what can be proven of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from services.intake.domain.answers import Answer
from services.intake.domain.evidence import file_not_found, link_refused
from services.intake.domain.sealing import Consent, ManifestFile, Minutes, explanation_of
from shared.core.errors import Conflict, NotFound
from shared.signing import receipts


@dataclass(frozen=True)
class SealedAnswer:
    """One sealed answer; `rev` names the saved version that holds its explanation (0: there is none).

    `origin` says where a value comes from that nobody typed: external or assumed.
    """

    indicator: str
    value: str
    evidence: tuple[str, ...]
    words_sha256: str
    rev: int
    origin: str = ""


@dataclass(frozen=True)
class Replacement:
    """A file (`by`) that the agency named for a sealed one (`sha256`) that was refused; `at` is when it was kept."""

    sha256: str
    by: str
    name: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Missing:
    """A sealed file that may not be used: absent, too-large, or the code of its refusal."""

    sha256: str
    name: str
    reason: str
    replaced_by: str | None = None


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
    replacements: tuple[Replacement, ...] = ()
    rev: int = 0

    @property
    def state(self) -> str:
        """sealed or completed."""
        return "completed" if self.completed_at else "sealed"


@dataclass(frozen=True)
class ExplainedAnswer:
    """A sealed answer with its explanation."""

    indicator: str
    value: str
    evidence: tuple[str, ...]
    words_sha256: str
    explanation: Mapping[str, str]


@dataclass(frozen=True)
class SubmissionView:
    """A sealed submission with the explanations of its answers."""

    submission: Submission
    answers: tuple[ExplainedAnswer, ...]


def submission_view(submission: Submission, saved: Mapping[str, Answer]) -> SubmissionView:
    """A submission with what its answers say, given the saved versions that it sealed by indicator."""
    answers = (
        ExplainedAnswer(
            answer.indicator,
            answer.value,
            answer.evidence,
            answer.words_sha256,
            explanation_of(saved[answer.indicator]),
        )
        for answer in submission.answers
    )
    return SubmissionView(submission, tuple(answers))


def leaves(submission: Submission) -> list[bytes]:
    """The Merkle leaves of a submission: its answers in the edition's order, then its files by hash."""
    return receipts.leaves(
        [
            (answer.indicator, answer.value, answer.words_sha256, answer.evidence)
            for answer in submission.answers
        ],
        [(file.sha256, file.name, file.size) for file in submission.files],
    )


def receipt_document(submission: Submission) -> dict[str, Any]:
    """What the receipt says, yet unsigned; `statement_sha256` covers the minutes and the consent."""
    minutes = asdict(submission.minutes) | {"date": submission.minutes.date.isoformat()}
    if submission.minutes.paragraphs is None:
        del minutes["paragraphs"]  # what nobody said is not attested
    statement = {"minutes": minutes, "consent": asdict(submission.consent)}
    return receipts.document(
        receipts.Title("submission", submission.id, submission.sealed_at),
        leaves(submission),
        receipts.Edition(submission.edition, submission.edition_hash, submission.guide_version),
        participation=submission.participation,
        cycle=submission.cycle,
        agency=submission.agency,
        version=submission.version,
        statement_sha256=receipts.explanation_hash(statement),
    )


def place_of(submission: Submission, answer: str | None, file: str | None) -> int:
    """Which leaf one answer (by indicator) or one file (by hash) is; NotFound when it was not sealed."""
    for place, sealed in enumerate(submission.answers):
        if sealed.indicator == answer:
            return place
    for place, sha256 in enumerate(sorted(sealed.sha256 for sealed in submission.files)):
        if sha256 == file:
            return len(submission.answers) + place
    raise NotFound("This submission has no such answer or file.")


def with_bytes_until(submission: Submission, until: datetime) -> Submission:
    """The submission whose bytes may come until then; Conflict when it is complete."""
    if submission.completed_at:
        raise Conflict(
            "The submission is complete already: there is nothing to wait for.", "already-completed"
        )
    return replace(submission, bytes_until=until)


def sealed_file(submission: Submission | None, sha256: str, answered: str | None = None) -> tuple[str, str]:
    """Whose sealed file that is (the agency), and its sealed name; NotFound when nothing so was sealed.

    `answered` is the name of a file that came with an answer to the assessors since, which was not sealed.

    What took the place of a sealed file bears the name under which it came.
    """
    names: dict[str, str] = {sha256: answered} if answered else {}
    if submission:
        names |= {replacement.by: replacement.name for replacement in submission.replacements}
        names |= {file.sha256: file.name for file in submission.files}
    if submission is None or sha256 not in names:
        raise file_not_found()
    return submission.agency, names[sha256]


def linked_submission(submission: Submission | None, is_linked: bool) -> Submission:
    """The submission whose explanations a link opens; Forbidden when it opens something else or nothing."""
    if submission is None or not is_linked:
        raise link_refused()
    return submission
