"""Reading and checking how the index of another ministry becomes a value."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Final

from shared.instrument.exact import Exact
from shared.instrument.model import ConversionNode, Gate, Node, Range, Source
from shared.instrument.reader import NodeReader, count, localized, number, one_of, text
from shared.instrument.source import Path

INDEX_DECIMALS: Final = 6
"""Decimals of an index of another ministry."""
MOST_PARTS: Final = 10**12
"""Into so many parts a converted value may fall, so that it can still be written as a value."""
_ZERO: Final = Exact("0")


def read_range(reader: NodeReader) -> Range:
    """A range from its lower to its upper end."""
    return Range(reader.require("at_least", number, _ZERO), reader.require("at_most", number, _ZERO))


def read_source(reader: NodeReader) -> Source:
    """What an indicator takes from the index of another ministry."""
    return Source(
        name=reader.require("name", localized, {}),
        gives=reader.require("gives", one_of("value", "gate", "evidence"), ""),
        owner=reader.optional_or_none("owner", text),
        range=reader.part("range", read_range),
        conversion=reader.parts("conversion", _conversion_node),
        until_it_comes=reader.optional_or_none("until_it_comes", number),
        gates=reader.parts("gates", _gate),
        max_age_years=reader.optional_or_none("max_age_years", count),
        uncertain=reader.optional_or_none("uncertain", localized),
    )


def _conversion_node(reader: NodeReader) -> ConversionNode:
    return ConversionNode(reader.require("index", number, _ZERO), reader.require("value", number, _ZERO))


def _gate(reader: NodeReader) -> Gate:
    return Gate(reader.require("level", number, _ZERO), reader.require("at_least", number, _ZERO))


def wrong_source(path: Path, node: Node) -> Iterator[tuple[Path, str, str]]:
    """What does not add up in an indicator's source, each with its place."""
    source = node.source
    if source is None:
        return
    for below, message in _wrong(node, source):
        yield (*path, "source", *below), node.code, message


def _wrong(node: Node, source: Source) -> Iterator[tuple[Path, str]]:
    if source.range and source.range.at_least >= source.range.at_most:
        yield ("range",), "the range of the index is empty"
        return
    if source.conversion or source.until_it_comes is not None:
        yield from _wrong_conversion(node, source)
    if source.gates or source.gives == "gate":
        yield from _wrong_gates(node, source)


def _wrong_conversion(node: Node, source: Source) -> Iterator[tuple[Path, str]]:
    scale, range = node.scale, source.range
    if source.gives != "value":
        yield ("conversion",), "a conversion belongs to a source that gives the value"
    if scale is None or scale.range is None:
        yield ("conversion",), "a conversion needs an indicator whose scale is a range"
    elif source.until_it_comes is None:
        yield ("until_it_comes",), "until_it_comes must say what counts before the index is known"
    elif not scale.allows(source.until_it_comes):
        yield ("until_it_comes",), f"until_it_comes is not on the scale, which allows {node.allowed}"
    if range is None:
        yield ("conversion",), "a conversion needs the range of the index"
    elif len(source.conversion) < 2:
        yield ("conversion",), "a conversion has at least two nodes"
    elif scale is not None and scale.range is not None:
        yield from _wrong_nodes(source.conversion, range, scale.range)


def _wrong_nodes(nodes: tuple[ConversionNode, ...], index: Range, value: Range) -> Iterator[tuple[Path, str]]:
    last = len(nodes) - 1
    rising = True
    for place, (lower, upper) in enumerate(pairwise(nodes), start=1):
        for name in ("index", "value"):
            before, after = getattr(lower, name), getattr(upper, name)
            if before >= after:
                rising = False
                said = f"the nodes must rise: {name} {after} comes after {before}"
                yield ("conversion", place, name), said
    for place, end in ((0, "at_least"), (last, "at_most")):
        for name, range, what in (("index", index, "index's range"), ("value", value, "indicator's scale")):
            found, wanted = getattr(nodes[place], name), getattr(range, end)
            if found != wanted:
                ends = "begin" if end == "at_least" else "end"
                yield (
                    ("conversion", place, name),
                    f"the nodes must {ends} at the {what}, {wanted}, not {found}",
                )
    if rising and any(_parts(lower, upper) > MOST_PARTS for lower, upper in pairwise(nodes)):
        yield ("conversion",), "a converted value would need too many digits: choose simpler nodes"


def _parts(lower: ConversionNode, upper: ConversionNode) -> int:
    """Into how many parts the values between two nodes fall."""
    rise = (upper.value - lower.value) / (upper.index - lower.index)
    start = lower.value - rise * lower.index
    return lcm((rise / Fraction(10**INDEX_DECIMALS)).denominator, start.denominator)


def _wrong_gates(node: Node, source: Source) -> Iterator[tuple[Path, str]]:
    if source.gives != "gate":
        yield ("gates",), "gates belong to a source that gives a gate"
    if not source.gates:
        yield ("gates",), "a source that gives a gate needs its gates"
    for lower, upper in pairwise(source.gates):
        if lower.level >= upper.level or lower.at_least >= upper.at_least:
            yield (
                ("gates",),
                f"the gates must rise: that of level {upper.level} comes after level {lower.level}",
            )
    for place, gate in enumerate(source.gates):
        if node.scale and not node.scale.allows(gate.level):
            yield (
                ("gates", place, "level"),
                f"level {gate.level} is not on the scale, which allows {node.allowed}",
            )
        if not source.takes(gate.at_least):
            yield ("gates", place, "at_least"), f"{gate.at_least} is outside the range of the index"
