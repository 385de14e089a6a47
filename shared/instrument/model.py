"""An edition of the instrument as values: a tree of nodes, its scales, bands, stages and rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, TypeAlias

from shared.core.canonical import exact as canonical_bytes
from shared.core.errors import Invalid, NotFound
from shared.instrument.exact import Exact, Rounding

Words: TypeAlias = Mapping[str, str]

LANGUAGES: Final = ("id", "en")
STAGES: Final = ("self", "document", "harmonisation", "interview", "visit", "review", "final")


@dataclass(frozen=True)
class Tier:
    """One storey of the tree, from the top: domain, aspect, indicator."""

    key: str
    name: Words


@dataclass(frozen=True)
class Range:
    """Every exact number from the lower to the upper end, both included."""

    at_least: Exact
    at_most: Exact


@dataclass(frozen=True)
class Level:
    """A named value of a scale."""

    value: Exact
    name: Words
    text: Words | None = None


@dataclass(frozen=True)
class Scale:
    """What an indicator's value may be: one of its levels, or any exact number in its range."""

    key: str
    name: Words
    levels: tuple[Level, ...] = ()
    range: Range | None = None

    @property
    def lowest(self) -> Fraction:
        """Give the smallest allowed value."""
        return self.range.at_least if self.range else min(level.value for level in self.levels)

    @property
    def highest(self) -> Fraction:
        """Give the largest allowed value."""
        return self.range.at_most if self.range else max(level.value for level in self.levels)

    @property
    def allowed(self) -> str:
        """Say in English which values are allowed: "1, 2, 3, 4 or 5", "a number from 1.00 to 5.00"."""
        if self.range:
            return f"a number from {self.range.at_least} to {self.range.at_most}"
        *most, last = (str(level.value) for level in self.levels)
        return f"{', '.join(most)} or {last}" if most else last

    def allows(self, value: Fraction) -> bool:
        """Say whether an indicator on this scale may have this value."""
        if self.range:
            return self.lowest <= value <= self.highest
        return any(level.value == value for level in self.levels)


@dataclass(frozen=True)
class Band:
    """A predicate and the indices that earn it; each end says by its name whether it is part of the band."""

    name: Words
    label: Words | None = None
    at_least: Exact | None = None
    above: Exact | None = None
    below: Exact | None = None
    at_most: Exact | None = None

    def holds(self, index: Fraction) -> bool:
        """Say whether an index earns this predicate."""
        return (
            (self.at_least is None or index >= self.at_least)
            and (self.above is None or index > self.above)
            and (self.below is None or index < self.below)
            and (self.at_most is None or index <= self.at_most)
        )


@dataclass(frozen=True)
class Stage:
    """A step of an activity."""

    code: str
    name: Words
    optional: bool = False


@dataclass(frozen=True)
class Activity:
    """A kind of assessment and the stages that it goes through, in order."""

    key: str
    name: Words
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Source:
    """An index of another ministry: `gives` an indicator its value, or is one of its pieces of evidence."""

    name: Words
    gives: str
    owner: str | None = None
    range: Range | None = None


@dataclass(frozen=True)
class Condition:
    """One checkable sentence of a level's criteria; its code, like "1.3.b", is what verdicts point at."""

    code: str
    text: Words


@dataclass(frozen=True)
class Criteria:
    """What a level asks for; `cumulative` means that the level below must be fulfilled as well.

    `note` says how an unclear place of the regulation or its guide is read.
    """

    level: Exact
    conditions: tuple[Condition, ...]
    cumulative: bool = False
    note: Words | None = None


@dataclass(frozen=True)
class Evidence:
    """A kind of evidence, for one level or for all; the numbers are windows in which it counts.

    It must be younger than so many years; it must speak for each of the last so many years; it must have
    followed the review so soon.
    """

    text: Words
    level: Exact | None = None
    max_age_years: int | None = None
    covers_years: int | None = None
    years_after_review: int | None = None


@dataclass(frozen=True)
class Node:
    """A part of the index with its weight; without children it is an indicator and has a scale.

    `agency_subject` means that the agency itself names what is assessed, such as one of its services.
    """

    code: str
    name: Words
    weight: Exact
    kind: str = field(metadata={"told": False})
    children: tuple["Node", ...] = ()
    scale: Scale | None = field(default=None, metadata={"as": "key"})
    agency_subject: bool = False
    source: Source | None = None
    question: Words | None = None
    criteria: tuple[Criteria, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    often_missing: tuple[Words, ...] = ()

    @property
    def allowed(self) -> str:
        """Say which values are allowed; empty for an upper node."""
        return self.scale.allowed if self.scale else ""

    def walk(self) -> Iterator["Node"]:
        """Give this node and all below it, each before its children, in the edition's order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Targets:
    """The index and the indicator level that the ministry aims at."""

    index: Exact | None = None
    indicator: Exact | None = None


@dataclass(frozen=True)
class Crosswalk:
    """Which indicators of the edition before live on in this one: code here → codes there."""

    edition: str
    codes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Edition:
    """A version of the instrument, pinned by regulation and guide; `weight` is what all weights add up to."""

    id: str
    title: Words
    regulation: str
    guide_version: str
    weight: Exact
    tiers: tuple[Tier, ...]
    scales: tuple[Scale, ...]
    nodes: tuple[Node, ...]
    bands: tuple[Band, ...]
    rounding: Rounding
    activities: tuple[Activity, ...]
    targets: Targets = Targets()
    crosswalk: Crosswalk | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def walk(self) -> Iterator[Node]:
        """Give every node, each before its children."""
        for node in self.nodes:
            yield from node.walk()

    @cached_property
    def indicators(self) -> tuple[Node, ...]:
        """Give the leaves in the edition's order."""
        return tuple(node for node in self.walk() if not node.children)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Give the codes of the leaves in the edition's order."""
        return tuple(node.code for node in self.indicators)

    @cached_property
    def hash(self) -> str:
        """Give the SHA-256, in hex, of the canonical JSON of `to_dict`."""
        return sha256(canonical_bytes(to_dict(self))).hexdigest()

    @cached_property
    def _by_code(self) -> Mapping[str, Node]:
        return {node.code: node for node in self.walk()}

    def node(self, code: str) -> Node:
        """Find a node of any tier; raises NotFound."""
        if code not in self._by_code:
            raise NotFound(f"Edition {self.id} has no node with the code {code!r}.")
        return self._by_code[code]

    def activity(self, key: str) -> Activity:
        """Find a kind of assessment; raises Invalid with the kinds that there are."""
        for activity in self.activities:
            if activity.key == key:
                return activity
        known = ", ".join(activity.key for activity in self.activities)
        raise Invalid(f"Edition {self.id} has no activity {key!r}; it has {known}.", "unknown-activity")

    def stages(self, activity: str) -> tuple[str, ...]:
        """Give the codes of an activity's stages in order, the optional ones too; raises Invalid."""
        return tuple(stage.code for stage in self.activity(activity).stages)

    def optional_stages(self, activity: str) -> frozenset[str]:
        """Give the stages that one agency may go through and another not; raises Invalid."""
        return frozenset(stage.code for stage in self.activity(activity).stages if stage.optional)


def to_dict(edition: Edition) -> dict[str, Any]:
    """Write an edition as JSON values: exact numbers as they were written, and no field that is empty."""
    return dict(_plain_fields(edition))


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return dict(_plain_fields(value))
    return value


def _plain_fields(value: Any) -> Iterator[tuple[str, Any]]:
    for item in fields(value):
        part = getattr(value, item.name)
        if item.metadata.get("told", True) and part not in (None, (), {}) and part is not False:
            yield item.name, _plain(getattr(part, item.metadata["as"]) if "as" in item.metadata else part)
