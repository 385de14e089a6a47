"""Indices of other ministries: what they give to an indicator, and how their scale becomes the edition's."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from shared.instrument.exact import Exact
from shared.instrument.model.scales import LocalizedText, Range


@dataclass(frozen=True)
class ConversionNode:
    """A point at which an index has this value; between two of them the value lies on a straight line."""

    index: Exact
    value: Exact


@dataclass(frozen=True)
class Gate:
    """What an index must at least be for evidence of this level to count."""

    level: Exact
    at_least: Exact


@dataclass(frozen=True)
class Source:
    """An index of another ministry: `gives` an indicator its value, a gate to its levels, or a piece of evidence.

    With a `conversion` nobody types the value: it is computed from the index, or is `until_it_comes`. An index counts
    for so many years after its own. `uncertain` says what is not known for sure. By its `key` what is imported of an
    index finds its indicators, in every edition that has it.
    """

    name: LocalizedText
    gives: str
    key: str | None = None
    owner: str | None = None
    range: Range | None = None
    conversion: tuple[ConversionNode, ...] = ()
    until_it_comes: Exact | None = None
    gates: tuple[Gate, ...] = ()
    max_age_years: int | None = None
    uncertain: LocalizedText | None = None

    @property
    def converts(self) -> bool:
        """Whether the value is computed from the index, so that nobody types it."""
        return bool(self.conversion)

    def takes(self, index: Fraction) -> bool:
        """Whether an index lies on its scale."""
        return self.range is None or self.range.at_least <= index <= self.range.at_most

    def convert(self, index: Fraction) -> Fraction:
        """The value that an index gives, exactly; raises ValueError for one that is not on its scale."""
        for lower, upper in pairwise(self.conversion):
            if lower.index <= index <= upper.index:
                rise = (upper.value - lower.value) / (upper.index - lower.index)
                return lower.value + rise * (index - lower.index)
        raise ValueError("the index is not on the scale of its conversion")

    def opened_by(self, index: Fraction) -> tuple[Exact, ...]:
        """The levels whose gate an index passes."""
        return tuple(gate.level for gate in self.gates if index >= gate.at_least)

    def counts_in(self, year: int, of: int) -> bool:
        """Whether an index of a year counts in an assessment of the year `of`."""
        return year <= of and (self.max_age_years is None or of - year <= self.max_age_years)
