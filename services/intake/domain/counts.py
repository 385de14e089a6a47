"""How far the agencies of a cycle are, as numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

STATES = ("answering", "sealed", "completed", "published")
"""What a participation may be."""
LATE = "late"
"""What is asked for like a state: answering, and the deadline is over."""


@dataclass(frozen=True)
class Tally:
    """So many participations that are alike in all that their place in the cycle follows from.

    `over`: so is their deadline; `stage` is the last that is over, `task` what is known of the task of a stage, and
    `outcome` what became of the case behind its last stage.
    """

    count: int
    activity: str
    sealed: bool
    completed: bool
    published: bool
    over: bool
    visit: bool = False
    stage: str | None = None
    task_stage: str | None = None
    task: str | None = None
    outcome: str | None = None

    @property
    def state(self) -> str:
        """That of each of them, as `Participation.state` says it."""
        if self.published:
            return "published"
        if self.sealed:
            return "completed" if self.completed else "sealed"
        return "answering"


@dataclass(frozen=True)
class Counts:
    """How many agencies of a cycle are in which state, how many answer late, and how many have which activity."""

    states: Mapping[str, int]
    late: int
    activities: Mapping[str, int]

    @property
    def all(self) -> int:
        """Everybody who takes part."""
        return sum(self.states.values())


def counts_of(tallies: Iterable[Tally]) -> Counts:
    """The numbers of a cycle, every state among them."""
    states, activities, late = Counter(dict.fromkeys(STATES, 0)), Counter[str](), 0
    for one in tallies:
        states[one.state] += one.count
        activities[one.activity] += one.count
        late += one.count if one.over and one.state == "answering" else 0
    return Counts(dict(states), late, dict(sorted(activities.items())))
