"""What everybody may see: published results, found by name, group and predicate."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Self

from services.scoring.domain.results import Result
from shared.core.errors import NotFound

BY_INDEX, BY_NAME = "index", "name"
LONGEST_WORDS = 100


@dataclass(frozen=True)
class PublishedCycle:
    """A cycle of which results are published; `opens` is None where no event of it came.

    `shows_words` says whether an agency reads what its assessors wrote; review alone decides who does.
    """

    id: str
    title: str
    opens: datetime | None = None
    shows_words: bool = True


@dataclass(frozen=True)
class Publication:
    """A published result in a list; the group is that in which the agency is now."""

    id: str
    agency: str
    name: str
    group: str
    edition: str
    index: str
    exact: str
    predicate: str


@dataclass(frozen=True)
class PublicationFilter:
    """Which published results, in which order; an empty text stands for all."""

    words: str = ""
    group: str = ""
    predicate: str = ""
    order: str = BY_INDEX

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Self:
        """What an address says: by index where it asks for no order that there is."""
        order = BY_NAME if said.get("sort") == BY_NAME else BY_INDEX
        words = " ".join(said.get("name", "").split())[:LONGEST_WORDS]
        return cls(words, said.get("group", ""), said.get("predicate", ""), order)


@dataclass(frozen=True)
class Listing:
    """The wanted results in order, how many of each predicate there are beside them, and the groups of all."""

    rows: Sequence[Publication]
    counts: Mapping[str, int]
    groups: Sequence[str]
    of: int


def listing(found: Sequence[Publication], wanted: PublicationFilter) -> Listing:
    """What of a cycle is wanted; its predicates are counted whichever of them is wanted."""
    words = wanted.words.casefold().split()
    named = [
        one
        for one in found
        if wanted.group in ("", one.group) and all(word in one.name.casefold() for word in words)
    ]
    rows = [one for one in named if wanted.predicate in ("", one.predicate)]
    rows.sort(key=lambda one: (one.name.casefold(), one.id))
    if wanted.order == BY_INDEX:
        rows.sort(key=lambda one: Fraction(one.exact), reverse=True)
    groups = sorted({one.group for one in found if one.group})
    return Listing(rows, Counter(one.predicate for one in named), groups, len(found))


@dataclass(frozen=True)
class Means:
    """The exact means of the published indices of a cycle: of all of them, and of those of one group."""

    all: Fraction
    group: Fraction


def means(found: Sequence[Publication], group: str) -> Means:
    """What the indices of a cycle, and of a group that has some, are on average."""
    return Means(_mean(found), _mean([one for one in found if one.group == group]))


def _mean(found: Sequence[Publication]) -> Fraction:
    return sum((Fraction(one.exact) for one in found), Fraction(0)) / len(found)


def require_published(result: Result | None) -> Result:
    """A result as everybody may see it, once it is published, without notes and assessors; raises NotFound."""
    if result is None or result.published_at is None:
        raise NotFound("There is no such published result.")
    decisions = tuple(replace(taken, note=None) for taken in result.decisions)
    return replace(result, decisions=decisions, assessors=())
