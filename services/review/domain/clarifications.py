"""What a stage asks the next one to clarify: marks for the assessors, questions to the agency, and its answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.review.domain.materials import Material, SubmittedFile
from shared.core.errors import Conflict, Invalid, NotFound
from shared.core.text import says_something

# The stages in which an agency may add evidence (reference: process.md, section 3); the others are among assessors.
_HEARS_AGENCY = frozenset({"interview", "visit"})


@dataclass(frozen=True)
class ClarificationMark:
    """An indicator to be clarified in the next stage, and the question to the agency."""

    indicator: str
    question: str


@dataclass(frozen=True)
class ClarificationAnswer:
    """What the agency answered, for good; `version` counts how often the question had been asked.

    `noted_at` is when it came to be read here.
    """

    words: str
    words_sha256: str
    files: tuple[SubmittedFile, ...]
    answered_at: datetime
    version: int
    noted_at: datetime | None = None

    @property
    def came_at(self) -> datetime:
        """From when on it could be read."""
        return self.noted_at or self.answered_at


@dataclass(frozen=True)
class Clarification:
    """A question to the agency, which the stage of `task` goes by; it may be answered until a moment.

    `version` counts from 1 how often it was asked. Nothing of it says who asked.
    """

    id: str
    case: str
    task: str
    participation: str
    cycle: str
    agency: str
    stage: str
    indicator: str
    question: str
    asked_at: datetime
    until: datetime
    version: int = 1
    withdrawn_at: datetime | None = None
    answer: ClarificationAnswer | None = None
    rev: int = 0

    @property
    def submission(self) -> str:
        """The submission that is asked about, whose id the case has."""
        return self.case

    @property
    def is_reworded(self) -> bool:
        """Whether the answer is to an earlier asking, which crossed with the last one."""
        return self.answer is not None and self.answer.version != self.version

    def state(self, now: datetime) -> str:
        """answered, withdrawn, open, or unanswered when its time is over."""
        if self.answer:
            return "answered"
        if self.withdrawn_at:
            return "withdrawn"
        return "open" if now.replace(microsecond=0) <= self.until else "unanswered"


def clarification_id(task: str, indicator: str) -> str:
    """The id of the question that a task goes by at an indicator."""
    return f"{task}.{indicator}"


def hears_agency(stage: str) -> bool:
    """Whether a stage's questions go to the agency, and not among assessors only."""
    return stage in _HEARS_AGENCY


def revised(known: Clarification | None, question: str, now: datetime, time: timedelta) -> Clarification:
    """The question asked anew in these words, with the whole time again; without words it is taken back.

    NotFound where nothing was asked, Conflict once it is answered.
    """
    if known is None:
        raise NotFound("The agency was asked nothing here: go on from the indicators of this task.")
    if known.answer:
        raise Conflict(
            "The agency has answered this question for good: rate by its answer.", "question-answered"
        )
    if not says_something(question):
        return known if known.withdrawn_at else replace(known, withdrawn_at=now)
    again = known.version + 1
    return replace(known, question=question, version=again, asked_at=now, until=now + time, withdrawn_at=None)


def with_answers(material: Material, asked: Iterable[Clarification]) -> Material:
    """What can be opened of a case: what was handed in, and the files by which the agency answered since.

    A file that was missing then and came with an answer is missing no more.
    """
    came = {file.sha256: file for one in asked if one.answer for file in one.answer.files}
    new = [file for sha256, file in came.items() if sha256 not in material.readable]
    names = {file.sha256 for file in new}
    return replace(
        material,
        files=(*(file for file in material.files if file.sha256 not in names), *new),
        missing=tuple(file for file in material.missing if file.sha256 not in names),
    )


def by_indicator(asked: Iterable[Clarification]) -> Mapping[str, tuple[Clarification, ...]]:
    """Questions at each indicator that has any, in their order."""
    found: dict[str, tuple[Clarification, ...]] = {}
    for one in asked:
        found[one.indicator] = (*found.get(one.indicator, ()), one)
    return found


def unanswered(asked: Iterable[Clarification], task: str) -> tuple[Clarification, ...]:
    """The questions by which a task goes and that nobody answered or took back."""
    return tuple(one for one in asked if one.task == task and not one.answer and not one.withdrawn_at)


def to_look_at(asked: Iterable[Clarification], rated: Mapping[str, datetime]) -> tuple[str, ...]:
    """The indicators whose questions were answered and that nobody rated since, in the order of the questions.

    `rated` says when each indicator was rated last.
    """
    came = {one.indicator: one.answer.came_at for one in asked if one.answer}
    return tuple(code for code, at in came.items() if code not in rated or rated[code] < at)


def added_files(asked: Iterable[Clarification]) -> tuple[str, ...]:
    """The files of the answers to questions, by SHA-256."""
    return tuple(file.sha256 for one in asked if one.answer for file in one.answer.files)


def check_marks(
    marks: Sequence[ClarificationMark], codes: Sequence[str], stage: str, next_stage: str | None
) -> tuple[ClarificationMark, ...]:
    """The marks that `stage` makes for the next one, in the order of the edition's codes.

    Raises Invalid when no stage comes next, for an indicator that the edition lacks, and for one marked twice.
    """
    if marks and next_stage is None:
        raise Invalid(
            f"No stage comes after {stage} in this case, so nothing can be clarified.", "no-next-stage"
        )
    marked = {mark.indicator: mark for mark in marks}
    unknown = [code for code in marked if code not in codes]
    if unknown:
        raise Invalid(
            f"The edition has no indicator {', '.join(unknown)}.",
            "unknown-indicator",
            {"indicators": unknown},
        )
    if len(marked) < len(marks):
        raise Invalid("Mark each indicator once, with all that you want to ask.", "marked-twice")
    return tuple(marked[code] for code in codes if code in marked)
