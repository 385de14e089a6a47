"""The values of an assessment that nobody types: indices of other ministries give them, or nothing yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.instrument.exact import Exact, decimal
from shared.instrument.model import Edition, Source

EXTERNAL, ASSUMED = GIVEN = ("external", "assumed")
"""Where a value comes from that nobody typed: from an index, or from the edition's rule until one comes."""


@dataclass(frozen=True)
class KnownIndex:
    """What an index of another ministry says of an agency for a year, and where it was made known."""

    source: str
    year: int
    index: str
    provenance: str = ""


@dataclass(frozen=True)
class GivenValue:
    """The value of an indicator as exact text, and the index that gives it; None: it has not come, so it is assumed."""

    value: str
    index: KnownIndex | None = None

    @property
    def origin(self) -> str:
        """external or assumed."""
        return EXTERNAL if self.index else ASSUMED


def judged_codes(edition: Edition) -> tuple[str, ...]:
    """The indicators whose values people give, in the edition's order."""
    return tuple(node.code for node in edition.indicators if not (node.source and node.source.converts))


def has_given(edition: Edition) -> bool:
    """Whether any value of an edition is typed by nobody."""
    return judged_codes(edition) != edition.codes


def given_values(edition: Edition, known: Iterable[KnownIndex], year: int) -> Mapping[str, GivenValue]:
    """The values that nobody types in an assessment of a year, by indicator: of the newest index that counts."""
    every = list(known)
    return {
        node.code: _given(node.source, every, year)
        for node in edition.indicators
        if node.source and node.source.converts
    }


def newest_index(source: Source, known: Iterable[KnownIndex], year: int) -> KnownIndex | None:
    """The newest index of a source that counts in an assessment of a year; None while there is none."""
    counting = [
        one
        for one in known
        if one.source == source.key and source.counts_in(one.year, year) and source.takes(_number(one))
    ]
    return max(counting, key=lambda one: one.year, default=None)


def _given(source: Source, known: Sequence[KnownIndex], year: int) -> GivenValue:
    newest = newest_index(source, known, year)
    if newest is None:
        return GivenValue(str(source.until_it_comes))
    return GivenValue(decimal(source.convert(_number(newest))), newest)


def _number(known: KnownIndex) -> Fraction:
    return Exact(known.index)
