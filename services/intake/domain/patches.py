"""Several answers saved at once, field by field: two people at different fields of one answer lose nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from services.intake.domain.answers import Answer, Exhibit, answer_id, check_answer, check_words
from shared.core.errors import Conflict, Invalid
from shared.core.patches import PatchProblem, UnreadPatch, problem_of
from shared.instrument import Edition

FIELDS = ("value", "facts", "analysis", "evidence", "subject")
"""What of an answer is changed by itself."""


@dataclass(frozen=True)
class AnswerPatch:
    """Fields of one answer as they were sent, and the version that their sender saw (0: none); `value` is not read."""

    indicator: str
    rev: int
    fields: Mapping[str, Any]


SentPatch: TypeAlias = AnswerPatch | UnreadPatch


@dataclass(frozen=True)
class PatchOutcome:
    """What became of one patch: saved, unchanged, stale or invalid; `stored` is what is kept now.

    `merged`: it was saved over a newer version than its sender saw, which had changed other fields. `differing` are
    the fields of a stale patch that somebody else changed; `yours` gives back what was sent.
    """

    indicator: str
    outcome: str
    stored: Answer | None
    merged: bool = False
    differing: tuple[str, ...] = ()
    yours: Mapping[str, Any] | None = None
    problem: PatchProblem | None = None

    @property
    def rev(self) -> int:
        """The version that is kept now; 0 where there is none."""
        return self.stored.rev if self.stored else 0


@dataclass(frozen=True)
class Base:
    """The version that a patch was made of: None where there was none yet; `known` is False when we have no such."""

    answer: Answer | None = None
    known: bool = field(default=True)


def older_versions(patches: Sequence[SentPatch], stored: Mapping[str, Answer]) -> set[tuple[str, int]]:
    """The versions that patches were made of and that are not the stored ones, as (indicator, version)."""
    made_of = {(patch.indicator, patch.rev) for patch in patches if isinstance(patch, AnswerPatch)}
    return {pair for pair in made_of if pair[1]} - {(code, answer.rev) for code, answer in stored.items()}


def base_of(patch: AnswerPatch, stored: Answer | None, older: Answer | None) -> Base:
    """What a patch was made of, given what is stored and, where that is another version, the older one."""
    if patch.rev == 0:
        return Base()
    found = stored if stored and stored.rev == patch.rev else older
    return Base(found, known=found is not None)


def rebased(patch: AnswerPatch, base: Base, stored: Answer | None) -> AnswerPatch:
    """The patch with its files as what it adds to, removes from and changes of those stored now.

    Who sends a list of files knows of none that others have added since.
    """
    if "evidence" not in patch.fields or not base.known or stored is None or stored == base.answer:
        return patch
    sent = patch.fields["evidence"]
    merged = _merged(_by_hash(base.answer.evidence if base.answer else ()), _by_hash(stored.evidence), sent)
    return replace(patch, fields={**patch.fields, "evidence": merged})


def _merged(
    then: Mapping[str, Exhibit], now: Mapping[str, Exhibit], sent: tuple[Exhibit, ...]
) -> tuple[Exhibit, ...]:
    """The files that are stored now, with what was done to those of before by who sent these."""
    named = _by_hash(sent)
    if len(named) < len(sent):
        return sent  # a file twice is refused as it was sent
    changed = {sha256: each for sha256, each in named.items() if then.get(sha256) != each}
    kept = {sha256: each for sha256, each in now.items() if sha256 in named or sha256 not in then}
    return tuple({**kept, **changed}.values())


def _by_hash(evidence: Sequence[Exhibit]) -> dict[str, Exhibit]:
    return {exhibit.sha256: exhibit for exhibit in evidence}


def patched(edition: Edition, participation: str, stored: Answer | None, patch: AnswerPatch) -> Answer:
    """The answer with the fields that a patch names in place of the stored ones; Invalid when it cannot be one.

    What the first patch of an answer leaves out is empty, its value too: nothing typed waits for a choice.
    """
    before = stored or _blank(participation, patch.indicator)
    wanted = replace(before, **{name: sent for name, sent in patch.fields.items() if name != "value"})
    raw = patch.fields.get("value", before.value)
    if raw == "" and not before.is_valued:
        return check_words(edition, wanted)
    return check_answer(edition, wanted, raw)


def conflicting(patch: AnswerPatch, base: Base, stored: Answer | None, wanted: Answer) -> tuple[str, ...]:
    """The fields of a patch that somebody else has changed since its base, to something else than it says."""
    now = stored or _blank(wanted.participation, wanted.indicator)
    then = base.answer or _blank(wanted.participation, wanted.indicator)
    return tuple(
        name
        for name in FIELDS
        if name in patch.fields
        and getattr(now, name) != getattr(wanted, name)
        and not (base.known and _is_merged(getattr(then, name), getattr(now, name), getattr(wanted, name)))
    )


def _is_merged(then: Any, now: Any, wanted: Any) -> bool:
    """Whether what is wanted takes nothing away of what was changed meanwhile: for files, of each one."""
    if not isinstance(wanted, tuple):
        return bool(now == then)
    files = [_by_hash(each) for each in (then, now, wanted)]
    return all(
        before == meanwhile or meanwhile == after
        for before, meanwhile, after in (
            [each.get(sha256) for each in files] for sha256 in {*files[0], *files[1]}
        )
    )


def decide(patch: AnswerPatch, base: Base, stored: Answer | None, wanted: Answer) -> PatchOutcome | None:
    """What becomes of a patch that is not to be saved: stale or unchanged; None when it is to be saved."""
    differing = conflicting(patch, base, stored, wanted)
    if differing:
        return PatchOutcome(
            patch.indicator, "stale", stored, differing=differing, yours={"rev": patch.rev, **patch.fields}
        )
    return PatchOutcome(patch.indicator, "unchanged", stored) if wanted == stored else None


def refused_patch(patch: SentPatch, stored: Answer | None, why: Invalid | Conflict | None) -> PatchOutcome:
    """The outcome of a patch that cannot be kept, or could not be read."""
    if isinstance(patch, UnreadPatch):
        return PatchOutcome(patch.indicator, "invalid", stored, problem=patch.problem)
    assert why is not None
    return PatchOutcome(patch.indicator, "invalid", stored, problem=problem_of(why))


def _blank(participation: str, indicator: str) -> Answer:
    return Answer(answer_id(participation, indicator), participation, indicator, "", "", "")
