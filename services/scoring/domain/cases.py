"""Every submission of a cycle as the ministry sees it: its indices stage by stage, and how far its result is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from services.scoring.domain.publications import BY_INDEX, BY_NAME, LONGEST_WORDS
from services.scoring.domain.scores import FINAL
from shared.instrument import Edition, LocalizedText
from shared.instrument.model.activities import STAGES

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
    """A submission with the index of each stage that is over, by its code; the group is that of its agency now."""

    id: str
    agency: str
    name: str
    group: str
    edition: str
    stages: Mapping[str, StageIndex]
    state: str = WAITING

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
        order = BY_INDEX if said.get("sort") == BY_INDEX else BY_NAME
        group, predicate = said.get("group", ""), said.get("predicate", "")
        return cls(words, group, predicate, state if state in RESULT_STATES else "", order)


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
    if wanted.order == BY_INDEX:
        rows.sort(key=_height, reverse=True)
    groups = sorted({one.group for one in found if one.group})
    counts = Counter(one.state for one in named)
    return CaseListing(rows, {state: counts[state] for state in RESULT_STATES}, groups)


def _is_named(one: ScoredCase, wanted: CaseFilter) -> bool:
    in_lists = wanted.group in ("", one.group) and wanted.predicate in ("", one.predicate)
    return in_lists and all(word in one.name.casefold() for word in wanted.words.casefold().split())


def _height(one: ScoredCase) -> Fraction:
    return Fraction(one.final.exact) if one.final else Fraction(-1)


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
