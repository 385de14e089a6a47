"""A sealed submission is complete when its last file is here, or when the time for bytes is over: told once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import msgspec

from services.intake import store
from services.intake.domain import (
    Answer,
    Cycle,
    EvidenceRules,
    Participation,
    Submission,
    check_bearer,
    link_refused,
    missing,
    settled,
)
from services.intake.store.holdings import find_arrived_files, find_wrong_types
from shared.events.intake import EvidenceFile, MissingFile, SubmissionCompleted, SubmittedAnswer
from shared.signing.links import WORDS, Link
from shared.storage.transaction import Transaction

LARGEST = 256_000
"""Bytes of an event that still carries the words."""

GRACE = timedelta(seconds=10)
"""How long a request that arrived in time may still be under way."""


def file_arrived(tx: Transaction, participation_id: str, sha256: str) -> None:
    """Take note of a file that has come completely; complete the agency's submissions that waited for it."""
    agency = store.need(tx, Participation, participation_id).agency
    for one in store.participations_of(tx, agency):
        if one.id == participation_id or one.completed_at is None:
            # An entry below each that may wait, so that it conflicts with that one's seal and its other files.
            tx.audit(f"participation:{one.id}", "file.arrived", sha256=sha256)
            _complete_waiting(tx, one)


def _complete_waiting(tx: Transaction, participation: Participation) -> None:
    if participation.submission:
        submission = store.need(tx, Submission, participation.submission)
        complete_if_all_here(tx, submission, store.need(tx, Cycle, submission.cycle).evidence)


def complete_if_all_here(tx: Transaction, submission: Submission, rules: EvidenceRules) -> None:
    """Complete a submission for which nothing more can come."""
    if submission.completed_at is None and settled(submission, find_arrived_files(tx, submission), rules):
        _complete(tx, submission, rules)


def complete_overdue(tx: Transaction, id: str) -> bool:
    """Complete a submission whose time for bytes is over; False when that is not so (any more)."""
    submission = store.need(tx, Submission, id)
    if submission.completed_at or tx.now <= submission.bytes_until + GRACE:
        return False
    _complete(tx, submission, store.need(tx, Cycle, submission.cycle).evidence)
    return True


def _complete(tx: Transaction, submission: Submission, rules: EvidenceRules) -> None:
    held = find_arrived_files(tx, submission)
    wanting = missing(submission, held, rules, find_wrong_types(tx, submission))
    lost = {one.sha256 for one in wanting}
    # A request that began before the seal may complete it after it: nothing is complete before it is sealed.
    at = max(tx.now, submission.sealed_at)
    done = replace(submission, completed_at=at, missing=wanting)
    subject = f"submission:{submission.id}"
    files = tuple(
        EvidenceFile(sha256=one.sha256, name=one.name, size=held[one.sha256].size, type=held[one.sha256].type)
        if one.sha256 not in lost
        else EvidenceFile(sha256=one.sha256, name=one.name, size=one.size)
        for one in submission.files
    )
    tx.audit(f"participation:{submission.participation}", "participation.completed", missing=len(wanting))
    tx.audit(subject, "submission.completed", files=len(files), missing=sorted(lost))
    participation = store.need(tx, Participation, submission.participation)
    event = _fact(done, store.sealed_words(tx, submission), files)
    told = store.told(tx, f"participation:{participation.id}")
    # The ministry may have decided on the visit since the seal; the number says which decision this is.
    tx.emit(subject, replace(event, visit=participation.visit, participation_sequence=told))
    store.save(tx, done)
    store.save(tx, replace(participation, completed_at=at))


def _fact(
    submission: Submission, words: Mapping[str, Answer], files: tuple[EvidenceFile, ...]
) -> SubmissionCompleted:
    assert submission.completed_at is not None
    event = SubmissionCompleted(
        submission=submission.id,
        participation=submission.participation,
        cycle=submission.cycle,
        agency=submission.agency,
        edition=submission.edition,
        activity=submission.activity,
        visit=submission.visit,
        completed_at=submission.completed_at,
        answers=_answers(submission, words),
        files=files,
        missing=tuple(
            MissingFile(sha256=one.sha256, name=one.name, reason=one.reason) for one in submission.missing
        ),
    )
    if len(msgspec.json.encode(event)) <= LARGEST:
        return event
    return replace(event, answers=_answers(submission, {}), words_included=False)


def _answers(submission: Submission, words: Mapping[str, Answer]) -> tuple[SubmittedAnswer, ...]:
    return tuple(
        SubmittedAnswer(
            indicator=one.indicator,
            value=one.value,
            evidence=one.evidence,
            words_sha256=one.words_sha256,
            facts=words[one.indicator].facts if words else None,
            analysis=words[one.indicator].analysis if words else None,
            subject=words[one.indicator].subject if words else None,
        )
        for one in submission.answers
    )


def read_words(tx: Transaction, link: Link) -> tuple[Submission, dict[str, Answer]]:
    """Give the words of a submission to the person whom a link names, and write that down."""
    submission = store.get(tx, Submission, link.submission)
    check_bearer(tx.caller, link.issuer, link.subject)
    if submission is None or link.sha256 != WORDS:
        raise link_refused()
    tx.audit(f"reading:{submission.id}", "words.opened")
    return submission, store.sealed_words(tx, submission)
