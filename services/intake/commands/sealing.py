"""The seal: answers, list of files, minutes and consent become a submission with a signed receipt."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.intake import store
from services.intake.commands.completing import complete_if_all_here
from services.intake.commands.once import once
from services.intake.domain import (
    Agency,
    Answer,
    Cycle,
    EditionRecord,
    Participation,
    SealedAnswer,
    SealOrder,
    Submission,
    answer_subject,
    check_exists,
    check_manifest,
    check_minutes,
    check_quota,
    check_sizes,
    check_statement,
    check_writable,
    explanation_hash_of,
    may_seal,
    receipt_document,
    windows,
)
from services.intake.domain.given import Given, given_in, with_given
from services.intake.store.holdings import find_arrived_files, get_kept_bytes
from services.intake.store.indices import list_indices_of
from shared.events.intake import AnswerValue, SubmissionSealed
from shared.instrument.given import has_given
from shared.signing import receipts
from shared.signing.keys import SigningKey
from shared.storage.transaction import Transaction


def seal(tx: Transaction, participation: str, order: SealOrder, key: SigningKey, idempotency: str) -> bytes:
    """Seal a self-assessment; gives the answer's bytes, the same ones for the same order under the same key."""
    found = may_seal(tx.caller, store.find(tx, Participation, participation))
    return once(tx, idempotency, (participation, order), lambda tx: _seal(tx, found, order, key))


def _seal(
    tx: Transaction, participation: Participation, order: SealOrder, key: SigningKey
) -> Mapping[str, Any]:
    cycle = store.require(tx, Cycle, participation.cycle)
    check_exists(store.require(tx, Agency, participation.agency), tx.now)
    check_writable(cycle, participation, tx.now)
    record = store.require(tx, EditionRecord, cycle.edition)
    edition = store.get_edition(tx, record)
    codes = edition.codes
    known = list_indices_of(tx, participation.agency) if has_given(edition) else ()
    given = given_in(cycle, edition, known)
    answers = with_given(participation.id, store.find_answers(tx, participation.id, codes), given, codes)
    check_manifest(codes, answers, order.manifest)
    check_statement(order)
    times = windows(cycle, participation)
    check_minutes(order.minutes, times.opens, times.bytes_until)
    submission = _with_origins(_sealed(tx, cycle, participation, record, answers, order), given)
    arrived = find_arrived_files(tx, submission)
    check_sizes(submission, arrived)
    check_quota(submission, arrived, cycle.evidence, get_kept_bytes(tx, submission))
    receipt = receipts.sign(receipt_document(submission), key)
    submission = store.add_submission(tx, replace(submission, receipt=receipt))
    store.save(tx, replace(participation, submission=submission.id))
    _audit(tx, submission, receipt["root"])
    _publish(tx, submission, receipt["root"])
    complete_if_all_here(tx, submission, cycle.evidence)
    return {
        "submission": submission.id,
        "receipt": receipt,
        "proofs_url": f"/intake/api/v1/submissions/{submission.id}/proof",
    }


def _sealed(
    tx: Transaction,
    cycle: Cycle,
    participation: Participation,
    record: EditionRecord,
    answers: Mapping[str, Answer],
    order: SealOrder,
) -> Submission:
    return Submission(
        id=tx.new_id(),
        participation=participation.id,
        cycle=cycle.id,
        agency=participation.agency,
        edition=record.id,
        edition_hash=record.hash,
        guide_version=record.guide_version,
        version=1,
        activity=participation.activity,
        visit=participation.visit,
        sealed_at=tx.now,
        sealed_by=tx.caller.id,
        answers=tuple(map(_sealed_answer, answers.values())),
        files=tuple(sorted(order.manifest.files, key=lambda file: file.sha256)),
        minutes=order.minutes,
        consent=order.consent,
        bytes_until=windows(cycle, participation).bytes_until,
    )


def _sealed_answer(answer: Answer) -> SealedAnswer:
    evidence = tuple(exhibit.sha256 for exhibit in answer.evidence)
    return SealedAnswer(answer.indicator, answer.value, evidence, explanation_hash_of(answer), answer.rev)


def _with_origins(submission: Submission, given: Given) -> Submission:
    """The submission, in which the values that nobody typed say where they come from."""
    answers = [
        replace(answer, origin=given[answer.indicator].origin) if answer.indicator in given else answer
        for answer in submission.answers
    ]
    return replace(submission, answers=tuple(answers))


def _audit(tx: Transaction, submission: Submission, root: str) -> None:
    """Write the seal down, and join the answers' chains into the participation's.

    Their heads are written too, so that a save that runs at the same time conflicts with the seal.
    """
    answers = [answer_subject(submission.participation, answer.indicator) for answer in submission.answers]
    tx.audit(
        f"participation:{submission.participation}",
        "participation.sealed",
        submission=submission.id,
        joins=tx.touch(answers),
    )
    tx.audit(f"submission:{submission.id}", "submission.sealed", root=root)


def _publish(tx: Transaction, submission: Submission, root: str) -> None:
    event = SubmissionSealed(
        submission=submission.id,
        participation=submission.participation,
        cycle=submission.cycle,
        agency=submission.agency,
        edition=submission.edition,
        edition_hash=submission.edition_hash,
        version=submission.version,
        sealed_at=submission.sealed_at,
        root=root,
        answers=tuple(
            AnswerValue(indicator=answer.indicator, value=answer.value, origin=answer.origin)
            for answer in submission.answers
        ),
    )
    tx.emit(f"submission:{submission.id}", event)
