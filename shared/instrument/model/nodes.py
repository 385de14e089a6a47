"""The tree of an edition: nodes with their weights, and what is asked of an indicator."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.instrument.exact import Exact
from shared.instrument.model.scales import LocalizedText, Scale
from shared.instrument.model.sources import Source


@dataclass(frozen=True)
class Condition:
    """One checkable sentence of a level's criteria; its code, like "1.3.b", is what verdicts point at."""

    code: str
    text: LocalizedText


@dataclass(frozen=True)
class Criteria:
    """What a level asks for; `cumulative` means that the level below must be fulfilled as well.

    `note` says how an unclear place of the regulation or its guide is read.
    """

    level: Exact
    conditions: tuple[Condition, ...]
    cumulative: bool = False
    note: LocalizedText | None = None


@dataclass(frozen=True)
class Evidence:
    """A kind of evidence, for one level or for all; the numbers are windows in which it counts.

    It must be younger than so many years; it must speak for each of the last so many years; it must have
    followed the review so soon. One with a code can be accepted by itself, and weighs 1 among those of its
    level unless it says otherwise; `uncertain` says what is not sure of it.
    """

    text: LocalizedText
    level: Exact | None = None
    code: str | None = None
    max_age_years: int | None = None
    covers_years: int | None = None
    years_after_review: int | None = None
    uncertain: LocalizedText | None = None
    weight: Exact | None = None


@dataclass(frozen=True)
class Node:
    """A part of the index with its weight; without children it is an indicator and has a scale.

    `agency_subject` means that the agency itself names what is assessed, such as one of its services; `uncertain`
    lists what its reader must know not to be sure.
    """

    code: str
    name: LocalizedText
    weight: Exact
    kind: str = field(metadata={"written": False})
    children: tuple["Node", ...] = ()
    scale: Scale | None = field(default=None, metadata={"as": "key"})
    agency_subject: bool = False
    source: Source | None = None
    question: LocalizedText | None = None
    uncertain: tuple[LocalizedText, ...] = ()
    criteria: tuple[Criteria, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    often_missing: tuple[LocalizedText, ...] = ()

    @property
    def allowed(self) -> str:
        """Say which values are allowed; empty for an upper node."""
        return self.scale.allowed if self.scale else ""

    def walk(self) -> Iterator["Node"]:
        """Give this node and all below it, each before its children, in the edition's order."""
        yield self
        for child in self.children:
            yield from child.walk()
