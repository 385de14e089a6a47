"""How far a self-assessment is, and what index its answers would give: the agency's own view, and no claim."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from shared.instrument import Edition, LocalizedText, Node, NodeScore, Score, outlook, ratio, score
from shared.instrument.exact import exact


@dataclass(frozen=True)
class Filled:
    """What is answered to an indicator: exact text, and how many files it names, where it needs any."""

    value: str
    files: int
    needs_files: bool = True


@dataclass(frozen=True)
class Index:
    """An index as displayed, as an exact fraction, and the name of the band that it falls into."""

    index: str
    exact: str
    predicate: LocalizedText


@dataclass(frozen=True)
class Provisional(Index):
    """The index that answers would earn with those that are missing counted as the lowest level."""

    counted_as_lowest: tuple[str, ...]


@dataclass(frozen=True)
class NodeProgress:
    """How far one node of the tree is, with the index of what is below it."""

    code: str
    kind: str
    answered: int
    of: int
    without_evidence: int
    index: str
    exact: str


@dataclass(frozen=True)
class Raise(Index):
    """What the index would be with one indicator a level higher: `value` is that level; None at the top."""

    indicator: str
    value: str | None


@dataclass(frozen=True)
class Progress:
    """How far a self-assessment is at a moment."""

    participation: str
    edition: str
    at: datetime
    answered: int
    of: int
    provisional: Provisional
    nodes: tuple[NodeProgress, ...]
    one_level_up: tuple[Raise, ...]


def provisional(edition: Edition, values: Mapping[str, str]) -> Provisional:
    """The index that values, given as exact texts, would earn if all other indicators had their lowest level."""
    return _provisional(edition, _score(edition, values), values)


def progress(edition: Edition, participation: str, filled: Mapping[str, Filled], now: datetime) -> Progress:
    """How far a self-assessment is, by what is answered of it."""
    values = {code: answer.value for code, answer in filled.items()}
    found = _score(edition, values)
    scores = {node.code: node for node in found.nodes}
    return Progress(
        participation,
        edition.id,
        now,
        len(filled),
        len(edition.codes),
        _provisional(edition, found, values),
        tuple(_node_progress(edition, node, scores[node.code], filled) for node in edition.walk()),
        tuple(_raises(edition, found, scores)),
    )


def _provisional(edition: Edition, found: Score, values: Mapping[str, str]) -> Provisional:
    lowest = tuple(code for code in edition.codes if code not in values)
    return Provisional(found.displayed, ratio(found.index), found.predicate.name, lowest)


def _score(edition: Edition, values: Mapping[str, str]) -> Score:
    return score(edition, {node.code: _counted(node, values) for node in edition.indicators})


def _counted(node: Node, values: Mapping[str, str]) -> Fraction:
    assert node.scale is not None
    return exact(values[node.code]) if node.code in values else node.scale.lowest


def _node_progress(
    edition: Edition, node: Node, found: NodeScore, filled: Mapping[str, Filled]
) -> NodeProgress:
    below = [one.code for one in node.walk() if not one.children]
    answers = [filled[code] for code in below if code in filled]
    return NodeProgress(
        node.code,
        node.kind,
        len(answers),
        len(below),
        sum(answer.needs_files and not answer.files for answer in answers),
        edition.rounding.display(found.value),
        ratio(found.value),
    )


def _raises(edition: Edition, found: Score, scores: Mapping[str, NodeScore]) -> Iterator[Raise]:
    for node in edition.indicators:
        assert node.scale is not None
        now = scores[node.code]
        higher = node.scale.above(now.value)
        after = outlook(edition, found, now, now.value if higher is None else higher)
        value = None if higher is None else str(higher)
        yield Raise(after.displayed, ratio(after.index), after.predicate.name, node.code, value)


def needs_evidence(node: Node, value: Fraction) -> bool:
    """Whether the edition lists evidence for that value of an indicator, or for all."""
    return any(kind.level is None or kind.level <= value for kind in node.evidence)
