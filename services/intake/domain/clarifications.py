"""Questions of the assessors to an agency, and its answers: documents of their own, beside what was sealed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.access import existing, may_answer
from services.intake.domain.assessments import rules_of
from services.intake.domain.clarification_answers import (
    MOST_NAMED,
    ClarificationAnswer,
    ClarificationDraft,
)
from services.intake.domain.evidence import FileOwnership
from services.intake.domain.participations import Participation, is_over
from services.intake.domain.rounds import Cycle
from services.intake.domain.uploads import UploadRules
from shared.core.canonical import timestamp
from shared.core.errors import Conflict, Forbidden, Invalid
from shared.core.people import Caller
from shared.core.text import says_something
from shared.instrument import Edition

SENDERS = ("coordinator", "officer")
"""Who sends an answer for the agency, as whoever seals does."""
MOST_SHOWN = 500
"""Questions of one participation that pages show: more than one for each indicator and stage."""


@dataclass(frozen=True)
class Clarification:
    """A question about an indicator, as review published it last; `sequence` is that event's.

    `stage` goes by the answer; `version` counts from 1 how often it was asked.
    """

    id: str
    case: str
    submission: str
    participation: str
    cycle: str
    agency: str
    stage: str
    indicator: str
    question: str
    version: int
    asked_at: datetime
    until: datetime
    sequence: int
    withdrawn_at: datetime | None = None
    answered_at: datetime | None = None
    rev: int = 0

    def as_said(self, later: "Clarification") -> "Clarification":
        """The question as a later event says it; that it was answered stays."""
        return replace(later, answered_at=self.answered_at, rev=self.rev)


@dataclass(frozen=True)
class Asked:
    """A question and how it is: open, answered, withdrawn, over (its stage is) or late; and its answer, if any."""

    clarification: Clarification
    state: str
    answer: ClarificationAnswer | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be answered now."""
        return self.state == "open"

    @property
    def rev(self) -> int:
        """The version of the answer; 0 where there is none."""
        return self.answer.rev if self.answer else 0

    @property
    def draft(self) -> ClarificationDraft:
        """Words and files of the answer so far."""
        return (
            ClarificationDraft(self.answer.words, self.answer.evidence)
            if self.answer
            else ClarificationDraft("")
        )

    @property
    def people(self) -> frozenset[str]:
        """Who saved and who sent the answer."""
        answer = self.answer
        return frozenset(filter(None, (answer.saved_by, answer.sent_by))) if answer else frozenset()

    @property
    def question(self) -> str:
        """What was asked: once answered, as it was then."""
        answer = self.answer
        return answer.question if answer and answer.sent_at else self.clarification.question


def clarification_subject(id: str) -> str:
    """The subject whose head and audit chain a question and its answer have."""
    return f"clarification:{id}"


def clarification_of(participation: Participation, found: Clarification | None) -> Clarification:
    """The question, where it is one to that participation; NotFound otherwise."""
    own = found if found and found.participation == participation.id else None
    return existing(own, "such question to this agency")


def may_send(caller: Caller, participation: Participation | None) -> Participation:
    """The participation, for the agency's coordinator and officers; Forbidden for its other people."""
    seen = may_answer(caller, participation)
    if not caller.has(*SENDERS, agency=seen.agency):
        raise Forbidden(
            "Only the agency's coordinator or an officer may send an answer: ask one of them.",
            "sender-needed",
        )
    return seen


def asked(
    clarification: Clarification,
    participation: Participation,
    edition: Edition,
    answer: ClarificationAnswer | None,
    now: datetime,
) -> Asked:
    """How a question of a participation is at a moment; the very second of its end is in time."""
    if clarification.answered_at:
        state = "answered"
    elif clarification.withdrawn_at:
        state = "withdrawn"
    elif is_stage_over(clarification.stage, participation, edition):
        state = "over"
    else:
        state = "late" if is_over(clarification.until, now) else "open"
    return Asked(clarification, state, answer)


def is_stage_over(stage: str, participation: Participation, edition: Edition) -> bool:
    """Whether a stage that goes by answers is over: nobody would read them any more."""
    reached = participation.stage
    if participation.result or reached is None:
        return participation.result is not None
    stages = edition.stages(participation.activity)
    return stages.index(reached.code) >= stages.index(stage)


def in_order(found: Iterable[Asked], codes: Sequence[str]) -> tuple[Asked, ...]:
    """Questions, the open ones first, and by their indicators in the order of the edition's codes."""
    places = {code: place for place, code in enumerate(codes)}
    return tuple(sorted(found, key=lambda one: (not one.is_open, places[one.clarification.indicator])))


def only_open(found: Iterable[Asked]) -> tuple[Asked, ...]:
    """The questions that can be answered now."""
    return tuple(one for one in found if one.is_open)


def only_at(found: Iterable[Asked], indicator: str) -> tuple[Asked, ...]:
    """The questions about an indicator."""
    return tuple(one for one in found if one.clarification.indicator == indicator)


def check_open(found: Asked) -> None:
    """Refuse an answer, and a file for it, but while the question is open."""
    if found.state == "answered":
        raise Conflict(
            "This question was answered, and what was sent does not change any more.", "question-answered"
        )
    if found.state == "withdrawn":
        raise Conflict(
            "The assessors have taken this question back: nothing is to be answered.", "question-withdrawn"
        )
    if not found.is_open:
        until = found.clarification.until
        raise Conflict(
            f"This question could be answered until {timestamp(until)}, and no longer than its stage lasts.",
            "question-over",
            {"until": until},
        )


def answer_rules(cycle: Cycle, participation: Participation, found: Asked) -> UploadRules:
    """What may be uploaded for the answer to a question, after the seal; Conflict unless it is open."""
    check_open(found)
    return rules_of(cycle, participation)


def drafted(
    clarification: Clarification, stored: ClarificationAnswer | None, draft: ClarificationDraft
) -> ClarificationAnswer:
    """The answer with what was sent to be saved; Invalid when it names a file twice, or too many."""
    hashes = draft.hashes
    if len(hashes) < len(draft.evidence):
        raise Invalid("The same file stands twice in this answer's evidence.", "evidence-twice")
    if len(hashes) > MOST_NAMED:
        raise Invalid(
            f"This answer names {len(hashes)} files; at most {MOST_NAMED} are taken: join some of them into one.",
            "too-many-files",
            {"named": len(hashes), "limit": MOST_NAMED},
        )
    fresh = ClarificationAnswer(
        id=clarification.id,
        participation=clarification.participation,
        submission=clarification.submission,
        indicator=clarification.indicator,
        words="",
    )
    return replace(stored or fresh, words=draft.words, evidence=draft.evidence)


def sent(
    found: Asked, owned: Mapping[str, FileOwnership], person: str, now: datetime
) -> tuple[Clarification, ClarificationAnswer]:
    """Question and answer once it is sent for good; Invalid when it says nothing, or names files that are not here.

    `owned` are those of its files that the agency has, by SHA-256.
    """
    answer = found.answer
    if answer is None or not says_something(answer.words):
        raise Invalid("Write an answer first: files alone do not say what they show.", "answer-empty")
    _check_here(answer, owned)
    asked = found.clarification
    final = replace(answer, sent_at=now, sent_by=person, question=asked.question, version=asked.version)
    return replace(asked, answered_at=now), final


def _check_here(answer: ClarificationAnswer, owned: Collection[str]) -> None:
    awaited = [exhibit.name for exhibit in answer.evidence if exhibit.sha256 not in owned]
    if awaited:
        raise Invalid(
            f"Not here yet, or refused: {', '.join(awaited[:5])}. Send these files, or take them out of the answer.",
            "files-awaited",
            {"files": awaited},
        )
