"""Reading and checking how the index of another ministry becomes a value."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Final

from shared.instrument.exact import Exact
from shared.instrument.model import ConversionNode, Gate, Node, Range, Scale, Source
from shared.instrument.problems import Cause, cause
from shared.instrument.reader import NodeReader, code, count, localized, number, one_of, text
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
        key=reader.optional_or_none("key", code),
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


def not_on(scale: Scale, level: Fraction) -> Cause:
    """That a level is not on a scale, with what is."""
    if of := scale.range:
        return cause("level-not-in-range", level=level, least=of.at_least, most=of.at_most)
    every = ", ".join(str(one.value) for one in scale.levels)
    return cause("level-not-among", level=level, levels={"en": scale.allowed, "id": every})


def wrong_source(path: Path, node: Node) -> Iterator[tuple[Path, str, Cause]]:
    """What does not add up in an indicator's source, each with its place."""
    source = node.source
    if source is None:
        return
    for below, why in _wrong(node, source):
        yield (*path, "source", *below), node.code, why


def _wrong(node: Node, source: Source) -> Iterator[tuple[Path, Cause]]:
    if source.range and source.range.at_least >= source.range.at_most:
        yield ("range",), cause("empty-index-range")
        return
    if source.key is None and (source.conversion or source.gates):
        yield ("key",), cause("no-index-key")
    if source.conversion or source.until_it_comes is not None:
        yield from _wrong_conversion(node, source)
    if source.gates or source.gives == "gate":
        yield from _wrong_gates(node, source)


def _wrong_conversion(node: Node, source: Source) -> Iterator[tuple[Path, Cause]]:
    scale, range = node.scale, source.range
    if source.gives != "value":
        yield ("conversion",), cause("conversion-of-no-value")
    if scale is None or scale.range is None:
        yield ("conversion",), cause("conversion-into-levels")
    elif source.until_it_comes is None:
        yield ("until_it_comes",), cause("nothing-until-it-comes")
    elif not scale.allows(source.until_it_comes):
        yield (
            ("until_it_comes",),
            cause("until-it-comes-off-scale", least=scale.range.at_least, most=scale.range.at_most),
        )
    if range is None:
        yield ("conversion",), cause("conversion-without-range")
    elif len(source.conversion) < 2:
        yield ("conversion",), cause("few-nodes")
    elif scale is not None and scale.range is not None:
        yield from _wrong_nodes(source.conversion, range, scale.range)


def _wrong_nodes(
    nodes: tuple[ConversionNode, ...], index: Range, value: Range
) -> Iterator[tuple[Path, Cause]]:
    last = len(nodes) - 1
    rising = True
    for place, (lower, upper) in enumerate(pairwise(nodes), start=1):
        for name in ("index", "value"):
            before, after = getattr(lower, name), getattr(upper, name)
            if before >= after:
                rising = False
                why = cause("falling-node", name=name, after=after, before=before)
                yield ("conversion", place, name), why
    for place, end in ((0, "at_least"), (last, "at_most")):
        for name, range in (("index", index), ("value", value)):
            found, wanted = getattr(nodes[place], name), getattr(range, end)
            if found != wanted:
                why = cause(
                    f"first-{name}" if end == "at_least" else f"last-{name}", wanted=wanted, found=found
                )
                yield ("conversion", place, name), why
    if rising and any(_parts(lower, upper) > MOST_PARTS for lower, upper in pairwise(nodes)):
        yield ("conversion",), cause("long-conversion")


def _parts(lower: ConversionNode, upper: ConversionNode) -> int:
    """Into how many parts the values between two nodes fall."""
    rise = (upper.value - lower.value) / (upper.index - lower.index)
    start = lower.value - rise * lower.index
    return lcm((rise / Fraction(10**INDEX_DECIMALS)).denominator, start.denominator)


def _wrong_gates(node: Node, source: Source) -> Iterator[tuple[Path, Cause]]:
    if source.gives != "gate":
        yield ("gates",), cause("gates-of-no-gate")
    if not source.gates:
        yield ("gates",), cause("no-gates")
    for lower, upper in pairwise(source.gates):
        if lower.level >= upper.level or lower.at_least >= upper.at_least:
            yield ("gates",), cause("falling-gate", level=upper.level, before=lower.level)
    for place, gate in enumerate(source.gates):
        if node.scale and not node.scale.allows(gate.level):
            yield ("gates", place, "level"), not_on(node.scale, gate.level)
        if not source.takes(gate.at_least):
            yield ("gates", place, "at_least"), cause("outside-the-index", index=gate.at_least)
