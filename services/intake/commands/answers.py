"""The self-assessment, answer by answer, or several at once."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace

from services.intake import store
from services.intake.domain import (
    MOST_FILES,
    Agency,
    Answer,
    Cycle,
    EditionRecord,
    Participation,
    answer_subject,
    check_answer,
    check_exists,
    check_files_named,
    check_writable,
    explanation_hash_of,
    may_answer,
    named_hashes,
    next_version,
)
from services.intake.domain.patches import (
    AnswerPatch,
    PatchOutcome,
    SentPatch,
    base_of,
    decide,
    older_versions,
    patched,
    rebased,
    refused_patch,
)
from shared.core.errors import Conflict, Invalid
from shared.core.patches import check_once
from shared.instrument import Edition
from shared.storage.transaction import Transaction
from shared.storage.versions import Expected, differs


def save_answer(tx: Transaction, answer: Answer, raw: str | float, expected_rev: Expected) -> Answer:
    """Keep an answer as its next version; `raw` is the value as it was sent, `expected_rev` the version seen.

    Writes the answer's own head only: a seal, which writes the heads of all answers, is what it conflicts with; and
    that of the participation where the self-assessment names very many files.
    """
    wanted = check_answer(writable_edition(tx, answer.participation), answer, raw)
    stored = store.find(tx, Answer, answer.id)
    if not differs(stored, _as_if_by(stored, wanted), expected_rev):
        return stored or wanted
    return _keep(
        tx, stored, wanted, lambda: store.find_named_hashes(tx, answer.participation, but=answer.indicator)
    )


def patch_answers(
    tx: Transaction, participation: str, patches: Sequence[SentPatch]
) -> tuple[PatchOutcome, ...]:
    """Change fields of several answers, each over the version that its sender saw; gives what became of each.

    What cannot be kept of one leaves the others alone.
    """
    edition = writable_edition(tx, participation)
    check_once(patches, "answer")
    store.load_answers(tx, participation, [patch.indicator for patch in patches])
    answers = store.find_answers(tx, participation, edition.codes)
    older = store.find_versions(tx, participation, older_versions(patches, answers))
    return tuple(_patch(tx, edition, participation, patch, (answers, older)) for patch in patches)


def writable_edition(tx: Transaction, id: str) -> Edition:
    """The edition of a self-assessment that the caller may change now; NotFound, Forbidden, Conflict."""
    participation = may_answer(tx.caller, store.find(tx, Participation, id))
    cycle = store.require(tx, Cycle, participation.cycle)
    check_exists(store.require(tx, Agency, participation.agency), tx.now)
    check_writable(cycle, participation, tx.now)
    return store.get_edition(tx, store.require(tx, EditionRecord, cycle.edition))


def _patch(
    tx: Transaction,
    edition: Edition,
    participation: str,
    patch: SentPatch,
    found: tuple[dict[str, Answer], Mapping[str, Answer]],
) -> PatchOutcome:
    answers, older = found
    code, stored = patch.indicator, answers.get(patch.indicator)
    if not isinstance(patch, AnswerPatch):
        return refused_patch(patch, stored, None)
    try:
        base = base_of(patch, stored, older.get(code))
        wanted = patched(edition, participation, stored, rebased(patch, base, stored))
        if outcome := decide(patch, base, stored, wanted):
            return outcome
        others = {other: answer for other, answer in answers.items() if other != code}
        saved = answers[code] = _keep(tx, stored, wanted, lambda: named_hashes(others))
    except (Invalid, Conflict) as refused:
        return refused_patch(patch, stored, refused)
    return PatchOutcome(code, "saved", saved, merged=saved.rev != patch.rev + 1)


def _keep(
    tx: Transaction, stored: Answer | None, wanted: Answer, find_others: Callable[[], Set[str]]
) -> Answer:
    """Keep what differs from the stored answer as its next version; nothing is written before it may be."""
    crowded = bool(wanted.evidence) and check_files_named(find_others(), stored, wanted) > MOST_FILES // 2
    wanted = next_version(stored, replace(wanted, saved_at=tx.now, saved_by=tx.caller.id))
    if crowded:
        # Near the limit whoever saves at the same time conflicts here, so that nobody exceeds it unseen.
        tx.touch([f"participation:{wanted.participation}"])
    saved = store.save_answer(tx, wanted)
    tx.audit(
        answer_subject(saved.participation, saved.indicator),
        "answer.saved",
        rev=saved.rev,
        value=saved.value,
        explanation=explanation_hash_of(saved),
    )
    return saved


def _as_if_by(stored: Answer | None, wanted: Answer) -> Answer:
    if stored is None:
        return wanted
    return replace(wanted, saved_at=stored.saved_at, saved_by=stored.saved_by, written=stored.written)
