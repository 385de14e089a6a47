"""A case: the review of one submission, stage after stage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.review.domain.clarifications import ClarificationMark
from shared.instrument import Edition
from shared.instrument.given import judged_codes

# What the edition's data does not say yet: these stages look only at what the stage before marked.
_RATES_MARKED = frozenset({"harmonisation", "interview", "visit", "review"})


@dataclass(frozen=True)
class Participation:
    """What review knows of an agency's part in a cycle."""

    id: str
    cycle: str
    agency: str
    activity: str
    visit: bool


@dataclass(frozen=True)
class Cycle:
    """What review knows of a year's round."""

    id: str
    title: str
    edition: str
    opens: datetime
    clarification_days: int = 7
    shows_words: bool = True


@dataclass(frozen=True)
class StageCount:
    """How many cases of a cycle are in a stage (None: finalised) of an activity of an edition."""

    stage: str | None
    activity: str
    edition: str
    edition_hash: str
    count: int


@dataclass(frozen=True)
class Case:
    """The review of one submission, whose id it has; `stage` is the one under way, None once all are over.

    `published_at` is when scoring published the result of it (None: not yet). `clarification_days` and `shows_words`
    are the cycle's: how long the agency may answer a question, and whether it reads the words after publication.
    """

    id: str
    participation: str
    cycle: str
    agency: str
    edition: str
    edition_hash: str
    activity: str
    stages: tuple[str, ...]
    stage: str | None
    opened_at: datetime
    finalised_at: datetime | None = None
    assessors: tuple[str, ...] = ()
    published_at: datetime | None = None
    clarification_days: int = 7
    shows_words: bool = True
    rev: int = 0

    @property
    def submission(self) -> str:
        """What is reviewed."""
        return self.id

    @property
    def state(self) -> str:
        """Open or finalised."""
        return "finalised" if self.finalised_at else "open"

    @property
    def answer_time(self) -> timedelta:
        """How long the agency may answer a question."""
        return timedelta(days=self.clarification_days)

    @property
    def current_stage(self) -> str:
        """The stage under way, of a case that is still open."""
        assert self.stage is not None, f"case {self.id} is finalised"
        return self.stage


@dataclass(frozen=True)
class CompletedStage:
    """How a stage of a case ended: closed by agency, task or carry-over, with ratings (ids) that `set_hash` names."""

    id: str
    case: str
    number: int
    stage: str
    closed_by: str
    completed_at: datetime
    set_hash: str
    ratings: tuple[str, ...]


def rates_all(stage: str) -> bool:
    """Whether a stage looks at every indicator, and not only at those marked for clarification."""
    return stage not in _RATES_MARKED


def indicators_to_rate(stage: str, edition: Edition, marks: Sequence[ClarificationMark]) -> tuple[str, ...]:
    """What a stage has to rate, after the stage before made these marks; empty: it takes everything over."""
    return judged_codes(edition) if rates_all(stage) else tuple(mark.indicator for mark in marks)


def expected_stages(case: Case, edition: Edition, visit: bool) -> tuple[str, ...]:
    """The stages that a case will go through; optional ones only when the participation asks for the visit."""
    optional = frozenset() if visit else edition.optional_stages(case.activity)
    return tuple(stage for stage in case.stages if stage not in optional)


def next_stage(case: Case, edition: Edition, visit: bool) -> str | None:
    """The stage after the present one, if there is one."""
    later = case.stages[case.stages.index(case.current_stage) + 1 :]
    expected = expected_stages(case, edition, visit)
    return next((stage for stage in later if stage in expected), None)


def complete_stage(
    case: Case, closed_by: str, set_hash: str, ratings: Sequence[str], now: datetime
) -> CompletedStage:
    """How the present stage of a case ends, with the ids of its ratings in the edition's order."""
    stage = case.current_stage
    return CompletedStage(
        id=f"{case.id}.{stage}",
        case=case.id,
        number=case.stages.index(stage),
        stage=stage,
        closed_by=closed_by,
        completed_at=now,
        set_hash=set_hash,
        ratings=tuple(ratings),
    )


def finalise(case: Case, now: datetime) -> Case:
    """The case after its last stage."""
    return replace(case, stage=None, finalised_at=now)


def add_assessor(case: Case, assessor: str) -> Case:
    """The case with one more who has, or had, a task of it."""
    return replace(case, assessors=tuple(dict.fromkeys((*case.assessors, assessor))))
