"""What values there are: scales with their levels or ranges, and the bands that an index falls into."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Final, TypeAlias

from shared.instrument.exact import Exact

LocalizedText: TypeAlias = Mapping[str, str]
"""A text in each language, by the language's code."""

LANGUAGES: Final = ("id", "en")


def in_language(text: LocalizedText | None, lang: str) -> str:
    """A text of an edition in a language, or in the one that it has."""
    if not text:
        return ""
    return text.get(lang) or text.get("id") or next(iter(text.values()))


@dataclass(frozen=True)
class Range:
    """Every exact number from the lower to the upper end, both included."""

    at_least: Exact
    at_most: Exact


@dataclass(frozen=True)
class Level:
    """A named value of a scale; where values lie between the levels, those from `at_least` on belong to it."""

    value: Exact
    name: LocalizedText
    text: LocalizedText | None = None
    at_least: Exact | None = None


@dataclass(frozen=True)
class Within:
    """How a value inside a level follows; `uncertain` says what is not sure of it.

    The only rule is `accepted-share`: a level's lower edge, and as much of its width as of its evidence is accepted.
    """

    rule: str
    uncertain: LocalizedText | None = None


@dataclass(frozen=True)
class Scale:
    """What an indicator's value may be: one of its levels, or any exact number in its range.

    The levels of a range divide it: each begins at its `at_least` and ends where the next begins.
    """

    key: str
    name: LocalizedText
    levels: tuple[Level, ...] = ()
    range: Range | None = None
    within: Within | None = None

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

    def above(self, value: Fraction) -> Fraction | None:
        """Give the level above a value; None at the top.

        In a range it is where the next level begins, without levels the next whole number, at last the upper end.
        """
        if value >= self.highest:
            return None
        if not self.range:
            return min(level.value for level in self.levels if level.value > value)
        edges = [level.at_least for level in self.levels if level.at_least is not None]
        if edges:
            return min((edge for edge in edges if edge > value), default=self.highest)
        return min(Fraction(floor(value) + 1), self.highest)

    def level_at(self, value: Fraction) -> Level | None:
        """Give the level that a value belongs to, if there is one."""
        if not self.range:
            return next((level for level in self.levels if level.value == value), None)
        begun = [level for level in self.levels if level.at_least is not None and level.at_least <= value]
        return begun[-1] if begun and self.allows(value) else None

    def allows(self, value: Fraction) -> bool:
        """Say whether an indicator on this scale may have this value."""
        if self.range:
            return self.lowest <= value <= self.highest
        return any(level.value == value for level in self.levels)


@dataclass(frozen=True)
class Band:
    """A predicate and the indices that earn it; each end says by its name whether it is part of the band."""

    name: LocalizedText
    label: LocalizedText | None = None
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
