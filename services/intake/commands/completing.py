"""A sealed submission is complete when its last file is here, or when the time for bytes is over: published once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from services.intake import domain, store
from services.intake.domain import (
    Answer,
    ArrivedFile,
    Cycle,
    EndedClaim,
    EvidenceRules,
    ManifestFile,
    Participation,
    Replacement,
    Submission,
    SubmissionView,
)
from services.intake.store import holdings
from shared.events.files import EvidenceFile, FileFinding, MissingFile
from shared.events.intake import SubmissionCompleted, SubmittedAnswer
from shared.signing.links import WORDS, Link
from shared.storage.transaction import Transaction

LARGEST = 256_000
"""Bytes of an event that still carries the explanations."""


def file_arrived(tx: Transaction, participation_id: str, sha256: str) -> None:
    """Take note of a file that has come completely; complete the agency's submissions that waited for it."""
    agency = store.require(tx, Participation, participation_id).agency
    for participation in store.list_participations_of(tx, agency):
        if participation.id == participation_id or participation.completed_at is None:
            # An entry below each that may wait, so that it conflicts with that one's seal and its other files.
            tx.audit(f"participation:{participation.id}", "file.arrived", sha256=sha256)
            _complete_waiting(tx, participation)


def _complete_waiting(tx: Transaction, participation: Participation) -> None:
    if participation.submission:
        submission = store.require_submission(tx, participation.submission)
        complete_if_all_here(tx, submission, store.require(tx, Cycle, submission.cycle).evidence)


def complete_if_all_here(tx: Transaction, submission: Submission, rules: EvidenceRules) -> None:
    """Complete a submission for which nothing more can come."""
    arrived = holdings.find_arrived_files(tx, submission)
    if submission.completed_at is None and domain.settled(submission, arrived, rules):
        _complete(tx, submission, rules)


def complete_overdue(tx: Transaction, id: str) -> bool:
    """Complete a submission whose time for bytes is over; False when that is not so (any more).

    What came in time and is still being inspected is waited for.
    """
    submission = store.require_submission(tx, id)
    if not domain.is_overdue(submission, tx.now):
        return False
    if store.is_inspecting(tx, submission.agency, (file.sha256 for file in submission.files)):
        return False  # it came in time
    _complete(tx, submission, store.require(tx, Cycle, submission.cycle).evidence)
    return True


def _complete(tx: Transaction, submission: Submission, rules: EvidenceRules) -> None:
    arrived = holdings.find_arrived_files(tx, submission)
    refused = holdings.find_refusals(tx, submission)
    done = domain.completed(submission, domain.missing(submission, arrived, rules, refused), tx.now)
    lost = sorted(file.sha256 for file in done.missing)
    tx.audit(f"participation:{done.participation}", "participation.completed", missing=len(lost))
    instead = [file.replaced_by for file in done.missing if file.replaced_by]
    tx.audit(
        f"submission:{done.id}",
        "submission.completed",
        files=len(done.files),
        missing=lost,
        replaced_by=instead,
    )
    _publish(tx, done, arrived)
    store.save_completion(tx, done)
    participation = store.require(tx, Participation, done.participation)
    store.save(tx, replace(participation, completed_at=done.completed_at))


def _publish(tx: Transaction, submission: Submission, arrived: Mapping[str, ArrivedFile]) -> None:
    participation = store.require(tx, Participation, submission.participation)
    # The ministry may have decided on the visit since the seal; the number says which decision this is.
    sequence = store.get_sequence(tx, f"participation:{participation.id}")
    files = [_file(file, came) for file, came in domain.sealed_files(submission, arrived)]
    files += [_file_instead(file, arrived[file.by]) for file in submission.replacements]
    event = replace(_event(submission, files), visit=participation.visit, participation_sequence=sequence)
    full = replace(event, answers=_answers(submission, store.get_sealed_answers(tx, submission)))
    small = len(msgspec.json.encode(full)) <= LARGEST
    tx.emit(f"submission:{submission.id}", full if small else replace(event, words_included=False))


def _file(file: ManifestFile, arrived: ArrivedFile | None) -> EvidenceFile:
    if arrived is None:
        return EvidenceFile(sha256=file.sha256, name=file.name, size=file.size)
    return EvidenceFile(
        sha256=file.sha256,
        name=file.name,
        size=arrived.size,
        type=arrived.type,
        pages=arrived.pages,
        findings=tuple(FileFinding(code=found.code, detail=found.detail) for found in arrived.findings),
    )


def _file_instead(replacement: Replacement, arrived: ArrivedFile) -> EvidenceFile:
    came = _file(ManifestFile(replacement.by, replacement.name, replacement.size), arrived)
    return replace(came, replaces=replacement.sha256)


def _event(submission: Submission, files: Sequence[EvidenceFile]) -> SubmissionCompleted:
    """The event without explanations."""
    assert submission.completed_at is not None
    return SubmissionCompleted(
        submission=submission.id,
        participation=submission.participation,
        cycle=submission.cycle,
        agency=submission.agency,
        edition=submission.edition,
        activity=submission.activity,
        visit=submission.visit,
        completed_at=submission.completed_at,
        answers=_answers(submission, {}),
        files=tuple(files),
        missing=tuple(
            MissingFile(sha256=file.sha256, name=file.name, reason=file.reason, replaced_by=file.replaced_by)
            for file in submission.missing
        ),
        minutes_paragraphs=submission.minutes.paragraphs,
    )


def _answers(submission: Submission, explanations: Mapping[str, Answer]) -> tuple[SubmittedAnswer, ...]:
    return tuple(
        SubmittedAnswer(
            indicator=answer.indicator,
            value=answer.value,
            evidence=answer.evidence,
            words_sha256=answer.words_sha256,
            origin=answer.origin,
            **_explained(explanations.get(answer.indicator)),
        )
        for answer in submission.answers
    )


def _explained(answer: Answer | None) -> dict[str, str | None]:
    """Facts, analysis and subject of a sealed answer; nothing without one."""
    return {"facts": answer.facts, "analysis": answer.analysis, "subject": answer.subject} if answer else {}


def open_explanations(tx: Transaction, link: Link) -> SubmissionView:
    """Give a submission with its explanations to the person whom a link names, and write that down."""
    domain.check_bearer(tx.caller, link.issuer, link.subject)
    domain.check_claim(link.fence, store.find(tx, EndedClaim, link.task))
    submission = domain.linked_submission(store.find_submission(tx, link.submission), link.sha256 == WORDS)
    domain.check_reader(tx.caller, submission.agency)
    tx.audit(f"reading:{submission.id}", "explanations.opened")
    return domain.submission_view(submission, store.get_sealed_answers(tx, submission))
