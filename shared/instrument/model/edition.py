"""An edition of the instrument: a version of it, pinned by regulation and guide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from shared.core.canonical import exact as canonical_bytes
from shared.core.errors import Invalid, NotFound
from shared.instrument.exact import Exact, Rounding
from shared.instrument.model.activities import Activity
from shared.instrument.model.nodes import Node
from shared.instrument.model.plain import plain_fields
from shared.instrument.model.scales import Band, LocalizedText, Scale


@dataclass(frozen=True)
class Tier:
    """One storey of the tree, from the top: domain, aspect, indicator."""

    key: str
    name: LocalizedText


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
    title: LocalizedText
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
    """Write an edition as JSON values, field by field of Edition: exact numbers as texts, no field that is empty."""
    return dict(plain_fields(edition))
