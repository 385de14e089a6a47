"""How many agencies of a cycle sealed by when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from services.intake.domain.rounds import Cycle


@dataclass(frozen=True)
class SealDay:
    """A day on which agencies sealed: its begin in WIB, how many did then, and how many had done so at its end."""

    at: datetime
    count: int
    all: int


@dataclass(frozen=True)
class Seals:
    """The days on which agencies sealed, from the opening of a cycle to the last moment that can be told of."""

    begin: datetime
    end: datetime
    days: Sequence[SealDay]

    def place(self, at: datetime) -> float:
        """Where a moment lies between begin and end, from 0 to 1."""
        return min(max((at - self.begin) / (self.end - self.begin), 0.0), 1.0)


def seals_of(cycle: Cycle, counts: Iterable[tuple[datetime, int]], now: datetime) -> Seals:
    """What is told of the seals of a cycle, from how many there were on which day, the earliest first."""
    days = list(counts)
    sums = accumulate(count for _, count in days)
    told = [SealDay(at, count, all) for (at, count), all in zip(days, sums, strict=True)]
    latest = [min(cycle.deadline, now), *(day.at for day in told[-1:])]
    return Seals(cycle.opens, max(*latest, cycle.opens + (cycle.deadline - cycle.opens) / 100), told)
