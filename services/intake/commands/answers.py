"""The self-assessment, answer by answer."""

from dataclasses import replace

from services.intake import store
from services.intake.domain import (
    Agency,
    Answer,
    Cycle,
    EditionRecord,
    Participation,
    answer_subject,
    check_answer,
    check_exists,
    check_writable,
    explanation_hash_of,
    may_answer,
)
from shared.storage.transaction import Transaction
from shared.storage.versions import differs


def save_answer(tx: Transaction, answer: Answer, raw: str | float, expected_rev: int) -> Answer:
    """Keep an answer as its next version; `raw` is the value as it was sent, `expected_rev` the version seen.

    Writes the answer's own head only: a seal, which writes the heads of all answers, is what it conflicts with.
    """
    participation = may_answer(tx.caller, store.find(tx, Participation, answer.participation))
    cycle = store.require(tx, Cycle, participation.cycle)
    check_exists(store.require(tx, Agency, participation.agency), tx.now)
    check_writable(cycle, participation, tx.now)
    wanted = check_answer(store.get_edition(tx, store.require(tx, EditionRecord, cycle.edition)), answer, raw)
    stored = store.find(tx, Answer, answer.id)
    if not differs(stored, _as_if_by(stored, wanted), expected_rev):
        return stored or wanted
    saved = store.save_answer(tx, replace(wanted, saved_at=tx.now, saved_by=tx.caller.id))
    tx.audit(
        answer_subject(answer.participation, answer.indicator),
        "answer.saved",
        rev=saved.rev,
        value=saved.value,
        explanation=explanation_hash_of(saved),
    )
    return saved


def _as_if_by(stored: Answer | None, wanted: Answer) -> Answer:
    return replace(wanted, saved_at=stored.saved_at, saved_by=stored.saved_by) if stored else wanted
