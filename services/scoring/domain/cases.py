"""Every submission of a cycle as the ministry sees it: its indices stage by stage, and how far its result is."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

from services.scoring.domain.publications import BY_INDEX, BY_NAME, LONGEST_WORDS, PublishedCycle
from services.scoring.domain.scores import FINAL
from services.scoring.domain.years import Change, Year, index_change, year_before
from shared.instrument import Edition, LocalizedText
from shared.instrument.model.activities import STAGES

BY_CHANGE = "change"
WAITING = "waiting"
RESULT_STATES = (WAITING, "computed", "approved", "published")
"""Waiting for its review; then what Result.state says."""


@dataclass(frozen=True)
class StageIndex:
    """The index after a stage."""

    stage: str
    index: str
    exact: str
    predicate: str


@dataclass(frozen=True)
class ScoredCase:
    """A submission with the index of each stage that is over, by its code; the group is that of its agency now.

    `change` is that of its final index since the agency's year before, None where there is either of them not.
    """

    id: str
    agency: str
    name: str
    group: str
    edition: str
    stages: Mapping[str, StageIndex]
    state: str = WAITING
    change: Change | None = None

    @property
    def final(self) -> StageIndex | None:
        """The final index, once there is one."""
        return self.stages.get(FINAL)

    @property
    def predicate(self) -> str:
        """The predicate of the final index; empty while there is none."""
        return self.final.predicate if self.final else ""


@dataclass(frozen=True)
class CaseFilter:
    """Which submissions, in which order; an empty text stands for all."""

    words: str = ""
    group: str = ""
    predicate: str = ""
    state: str = ""
    order: str = BY_NAME

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Self:
        """What an address says: by name where it asks for no order that there is, in any state where for none."""
        words = " ".join(said.get("name", "").split())[:LONGEST_WORDS]
        state = said.get("state", "")
        order = said.get("sort", "")
        group, predicate = said.get("group", ""), said.get("predicate", "")
        state, order = state if state in RESULT_STATES else "", order if order in _HEIGHTS else BY_NAME
        return cls(words, group, predicate, state, order)


@dataclass(frozen=True)
class CaseListing:
    """The wanted submissions in order, how many are in each state beside them, and the groups of all."""

    rows: Sequence[ScoredCase]
    counts: Mapping[str, int]
    groups: Sequence[str]


def choose_cases(found: Sequence[ScoredCase], wanted: CaseFilter) -> CaseListing:
    """What of a cycle is wanted; states are counted whichever of them is wanted."""
    named = [one for one in found if _is_named(one, wanted)]
    rows = [one for one in named if wanted.state in ("", one.state)]
    rows.sort(key=lambda one: (one.name.casefold(), one.id))
    if wanted.order in _HEIGHTS:
        rows.sort(key=_HEIGHTS[wanted.order], reverse=True)
    groups = sorted({one.group for one in found if one.group})
    counts = Counter(one.state for one in named)
    return CaseListing(rows, {state: counts[state] for state in RESULT_STATES}, groups)


def _is_named(one: ScoredCase, wanted: CaseFilter) -> bool:
    in_lists = wanted.group in ("", one.group) and wanted.predicate in ("", one.predicate)
    return in_lists and all(word in one.name.casefold() for word in wanted.words.casefold().split())


def _height(one: ScoredCase) -> Fraction:
    return Fraction(one.final.exact) if one.final else Fraction(-1)


def _gain(one: ScoredCase) -> tuple[bool, Decimal]:
    gained = one.change.index if one.change else None
    return gained is not None, gained or Decimal()


_HEIGHTS: Mapping[str, Callable[[ScoredCase], Any]] = {BY_INDEX: _height, BY_CHANGE: _gain}
"""What stands highest where it is asked for."""


def with_changes(
    found: Sequence[ScoredCase], years: Mapping[str, Sequence[Year]], cycle: PublishedCycle
) -> list[ScoredCase]:
    """The submissions of a cycle with what changed of their final indices since the year before; `years` by agency."""
    return [
        replace(one, change=index_change(one.final.index, one.edition, year_before(years[one.agency], cycle)))
        if one.final
        else one
        for one in found
    ]


def stages_of(edition: Edition) -> dict[str, LocalizedText]:
    """The stages of all activities of an edition, in order, with their names; what is final stands apart."""
    named = {stage.code: stage.name for activity in edition.activities for stage in activity.stages}
    return {code: named[code] for code in STAGES if code in named and code != FINAL}


def depths_of(edition: Edition) -> dict[str, int]:
    """How deep each node of an edition lies below the whole, by code."""
    depths: dict[str, int] = {}
    for node in edition.walk():
        own = depths.setdefault(node.code, 0)
        depths |= {child.code: own + 1 for child in node.children}
    return depths
