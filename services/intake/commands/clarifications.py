"""Questions of the assessors, as review publishes them, and the agency's answers, which review is told of."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.intake import domain, queries, store
from services.intake.domain import Exhibit, FileOwnership, Participation
from services.intake.domain.clarification_answers import ClarificationAnswer, ClarificationDraft, next_draft
from services.intake.domain.clarifications import (
    Asked,
    Clarification,
    check_open,
    clarification_subject,
    drafted,
    may_send,
    sent,
)
from services.intake.store import clarifications as kept
from shared.core.errors import Invalid
from shared.events.files import EvidenceFile, FileFinding
from shared.events.intake import ClarificationAnswered
from shared.events.review import ClarificationAsked, ClarificationWithdrawn
from shared.messaging.inbox import MissingDependency, Superseded
from shared.storage.transaction import Transaction
from shared.storage.versions import Expected, check_rev, differs


def note_asked(tx: Transaction, event: ClarificationAsked) -> None:
    """Show the agency a question, or the question as it is asked now."""
    if store.find(tx, Participation, event.participation) is None:
        raise MissingDependency(f"participation:{event.participation}")
    known = kept.find_clarification(tx, event.clarification)
    if known and known.sequence >= tx.sequence:
        raise Superseded("a later word on this question is known already")
    said = Clarification(
        id=event.clarification,
        case=event.case,
        submission=event.submission,
        participation=event.participation,
        cycle=event.cycle,
        agency=event.agency,
        stage=event.stage,
        indicator=event.indicator,
        question=event.question,
        version=event.version,
        asked_at=event.asked_at,
        until=event.until,
        sequence=tx.sequence,
    )
    kept.save_clarification(tx, known.as_said(said) if known else said)
    tx.audit(clarification_subject(said.id), "clarification.noted", version=said.version)


def note_withdrawn(tx: Transaction, event: ClarificationWithdrawn) -> None:
    """Have a question be answered no more."""
    known = kept.find_clarification(tx, event.clarification)
    if known is None:
        raise MissingDependency(clarification_subject(event.clarification))
    if known.sequence >= tx.sequence:
        raise Superseded("a later word on this question is known already")
    kept.save_clarification(tx, replace(known, withdrawn_at=event.withdrawn_at, sequence=tx.sequence))
    tx.audit(clarification_subject(known.id), "clarification.withdrawal-noted")


def save_clarification_answer(
    tx: Transaction, participation: str, id: str, draft: ClarificationDraft, expected_rev: Expected | None
) -> ClarificationAnswer:
    """Keep an answer that is not sent yet as its next version, over the version that the sender saw."""
    domain.may_answer(tx.caller, store.find(tx, Participation, participation))
    found = _open(tx, participation, id)
    stored = found.answer
    wanted = drafted(found.clarification, stored, draft)
    if not differs(stored, wanted.as_saved(stored) if stored else wanted, expected_rev):
        return stored or wanted
    saved = kept.save_clarification_answer(tx, next_draft(stored, wanted, tx.caller.id, tx.now))
    tx.audit(clarification_subject(id), "clarification.answer-saved", **_attested(saved))
    return saved


def send_clarification_answer(
    tx: Transaction, participation: str, id: str, expected_rev: Expected | None
) -> ClarificationAnswer:
    """Send the answer for good, as the sender saw it; sent again it changes nothing and gives what was sent."""
    found = queries.get_asked(
        tx, may_send(tx.caller, store.find(tx, Participation, participation)), id, tx.now
    )
    if found.answer and found.answer.sent_at:
        return found.answer
    check_open(found)
    if found.answer is None:
        raise Invalid("Nothing is saved yet: write an answer first.", "answer-empty")
    check_rev(expected_rev, found.answer.rev, {}, found.answer)
    owned = store.find_ownerships(tx, found.clarification.agency, found.draft.hashes)
    question, answer = sent(found, owned, tx.caller.id, tx.now)
    # The question's own document is written too, so that its withdrawal at the same moment conflicts.
    kept.save_clarification(tx, question)
    saved = kept.save_clarification_answer(tx, answer)
    tx.audit(clarification_subject(id), "clarification.answered", **_attested(saved), version=saved.version)
    _publish(tx, question, saved, owned)
    return saved


def _open(tx: Transaction, participation: str, id: str) -> Asked:
    """A question that can be answered now, with the answer so far."""
    found = queries.get_asked(tx, store.require(tx, Participation, participation), id, tx.now)
    check_open(found)
    return found


def _attested(answer: ClarificationAnswer) -> dict[str, Any]:
    """What the audit trail says of a version: never the words."""
    return {
        "rev": answer.rev,
        "words": answer.words_sha256,
        "files": [exhibit.sha256 for exhibit in answer.evidence],
    }


def _publish(
    tx: Transaction, asked: Clarification, answer: ClarificationAnswer, owned: Mapping[str, FileOwnership]
) -> None:
    assert answer.sent_at is not None
    event = ClarificationAnswered(
        clarification=asked.id,
        case=asked.case,
        submission=asked.submission,
        participation=asked.participation,
        cycle=asked.cycle,
        agency=asked.agency,
        indicator=asked.indicator,
        version=answer.version,
        answered_at=answer.sent_at,
        words_sha256=answer.words_sha256,
        files=tuple(_file(exhibit, owned[exhibit.sha256]) for exhibit in answer.evidence),
        words=answer.words,
    )
    tx.emit(clarification_subject(asked.id), event)


def _file(exhibit: Exhibit, file: FileOwnership) -> EvidenceFile:
    return EvidenceFile(
        sha256=exhibit.sha256,
        name=exhibit.name,
        size=file.size,
        type=file.type,
        pages=file.pages,
        findings=tuple(FileFinding(code=found.code, detail=found.detail) for found in file.findings),
    )
