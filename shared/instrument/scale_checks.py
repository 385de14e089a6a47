"""Whether a scale adds up: its levels rise, and those of a range divide all of it."""

from collections.abc import Iterator
from itertools import pairwise

from shared.instrument.exact import Exact
from shared.instrument.model import Range, Scale
from shared.instrument.problems import Cause, cause


def check_scale(scale: Scale) -> Iterator[Cause]:
    """Say every way in which a scale does not add up."""
    if scale.range and scale.lowest >= scale.highest:
        yield cause("empty-range", scale=scale.key)
    for lower, upper in pairwise(scale.levels):
        if lower.value >= upper.value:
            yield cause("falling-level", scale=scale.key, level=upper.value, before=lower.value)
    for level in scale.levels:
        if not scale.lowest <= level.value <= scale.highest:
            yield cause("level-outside", scale=scale.key, level=level.value)
    yield from _edges(scale)


def _edges(scale: Scale) -> Iterator[Cause]:
    known = [level.at_least for level in scale.levels if level.at_least is not None]
    if scale.within and (scale.range is None or not known):
        yield cause("within-without-edges", scale=scale.key)
    if scale.range is None:
        if known:
            yield cause("edges-without-range", scale=scale.key)
    elif known:
        yield from _division(scale.key, scale.range, known, len(scale.levels))


def _division(key: str, range: Range, edges: list[Exact], levels: int) -> Iterator[Cause]:
    """How the levels fail to divide a range: a value between them would belong to none, or to two."""
    if len(edges) < levels:
        yield cause("edge-missing", scale=key)
    if edges[0] != range.at_least:
        yield cause("first-edge", scale=key, wanted=range.at_least)
    for lower, upper in pairwise([*edges, range.at_most]):
        if lower >= upper:
            yield cause("falling-edge", scale=key, lower=lower, upper=upper)
