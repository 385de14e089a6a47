"""What scoring publishes: computed scores, and results approved and published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.events.contract import event


@event("score.computed.v1", producer="scoring", consumers=("intake", "notify"), feeds=("ministry",))
@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreComputed:
    """A stage's index was computed: provisional, or final from the frozen set named by `set_hash`."""

    score: str
    submission: str
    cycle: str
    agency: str
    edition: str
    stage: str
    kind: str
    index: str
    exact: str
    predicate: str
    set_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeIndex:
    """The displayed index of one node of the tree.

    `origin` says where an indicator's value comes from that nobody gave: external (an index of another ministry), or
    assumed.
    """

    code: str
    index: str
    origin: str = ""


@event("result.approved.v1", producer="scoring", consumers=("intake", "notify"), feeds=("ministry",))
@dataclass(frozen=True, slots=True, kw_only=True)
class ResultApproved:
    """An officer of the ministry approved a final score for publication."""

    result: str
    submission: str
    cycle: str
    agency: str
    score: str
    approved_at: datetime


@event(
    "result.published.v1",
    producer="scoring",
    consumers=("intake", "review", "notify"),
    feeds=("ministry", "agency"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPublished:
    """An agency's result is published: the index, its predicate, every node, and the signed receipt."""

    result: str
    submission: str
    participation: str
    cycle: str
    agency: str
    edition: str
    version: int
    published_at: datetime
    index: str
    exact: str
    predicate: str
    nodes: tuple[NodeIndex, ...]
    receipt: Mapping[str, Any]
