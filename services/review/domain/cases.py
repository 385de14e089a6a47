"""A case: the review of one submission, stage after stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.instrument import Edition

# What the edition's data does not say yet: these stages look only at what the stage before marked.
_RATES_MARKED = frozenset({"harmonisation", "interview", "visit", "review"})


@dataclass(frozen=True)
class Participation:
    """What review knows of an agency's part in a cycle, and up to which event about it (`heard`)."""

    id: str
    cycle: str
    agency: str
    activity: str
    visit: bool
    heard: int


@dataclass(frozen=True)
class Case:
    """The review of one submission, whose id it has; `stage` is the one under way, None once all are over."""

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
    rev: int = 0

    @property
    def submission(self) -> str:
        """What is reviewed."""
        return self.id

    @property
    def state(self) -> str:
        """Open or finalised."""
        return "finalised" if self.finalised_at else "open"


@dataclass(frozen=True)
class Material:
    """What the agency handed in: answers, files and files that never came, as JSON values."""

    answers: Sequence[Mapping[str, Any]]
    files: Sequence[Mapping[str, Any]]
    missing: Sequence[Mapping[str, Any]]
    words_included: bool

    @property
    def readable(self) -> Mapping[str, Mapping[str, Any]]:
        """The files that an assessor can open, by hash."""
        gone = {one["sha256"] for one in self.missing}
        return {one["sha256"]: one for one in self.files if one["sha256"] not in gone}


def rates_all(stage: str) -> bool:
    """Whether a stage looks at every indicator, and not only at those marked for clarification."""
    return stage not in _RATES_MARKED


def expected_stages(case: Case, edition: Edition, visit: bool) -> tuple[str, ...]:
    """The stages that a case will go through; optional ones only when the participation asks for the visit."""
    optional = frozenset() if visit else edition.optional_stages(case.activity)
    return tuple(stage for stage in case.stages if stage not in optional)


def following(case: Case, edition: Edition, visit: bool) -> str | None:
    """The stage after the present one, if there is one."""
    assert case.stage is not None
    later = case.stages[case.stages.index(case.stage) + 1 :]
    expected = expected_stages(case, edition, visit)
    return next((stage for stage in later if stage in expected), None)
