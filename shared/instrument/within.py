"""A value inside a level, from the coded kinds of evidence that are accepted of it: proposed, decided by a person."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final

from shared.instrument.model import Evidence, Level, Node, Scale

_DECIMALS: Final = 12


@dataclass(frozen=True)
class Proposal:
    """The value that follows: `accepted` `of` so many kinds of evidence of the lowest level that is not full."""

    value: Fraction
    level: Level
    accepted: int
    of: int

    @property
    def text(self) -> str:
        """The value as it would be written: a decimal where it is one, else a fraction such as 7/6."""
        above, below = self.value.as_integer_ratio()
        return f"{above}/{below}" if 10**_DECIMALS % below else f"{Decimal(above) / below:f}"


def propose(node: Node, accepted: Iterable[str]) -> Proposal | None:
    """What follows from the accepted evidence; None where the scale has no rule for it or no evidence has a code.

    It is the lower edge of the lowest level that is not full, and of its width the accepted share by weight. A level
    without coded evidence is never full: nothing shows that it was reached. Evidence of higher levels waits.
    """
    scale, named = node.scale, set(accepted)
    if scale is None or scale.within is None or not any(kind.code for kind in node.evidence):
        return None
    judged = [(span, _judged(node, span[0], named)) for span in _spans(scale)]
    (level, lower, upper), (own, met) = next((one for one in judged if not _is_full(*one[1])), judged[-1])
    share = _weight(met) / _weight(own) if own else Fraction(0)
    return Proposal(lower + (upper - lower) * share, level, len(met), len(own))


def _spans(scale: Scale) -> Iterator[tuple[Level, Fraction, Fraction]]:
    """The levels of a range, each with where it begins and ends."""
    edges = [level.at_least for level in scale.levels if level.at_least is not None]
    for level, (lower, upper) in zip(scale.levels, pairwise([*edges, scale.highest]), strict=True):
        yield level, lower, upper


def _judged(node: Node, level: Level, named: Set[str]) -> tuple[list[Evidence], list[Evidence]]:
    """The coded evidence of a level, and what is accepted of it."""
    own = [kind for kind in node.evidence if kind.code is not None and kind.level == level.value]
    return own, [kind for kind in own if kind.code in named]


def _is_full(own: list[Evidence], met: list[Evidence]) -> bool:
    return len(own) > 0 and len(met) == len(own)


def _weight(kinds: Iterable[Evidence]) -> Fraction:
    return sum((kind.weight or Fraction(1) for kind in kinds), Fraction(0))
