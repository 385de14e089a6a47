"""Where the agencies of a cycle are, from their first answer to the published result, and who waits for whom."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Final

from services.intake.domain.awaited import QUESTIONS, Awaited
from services.intake.domain.cases import CLAIMED, FINALISED, FINISHED, LAPSED, OPEN, OUTCOMES, CaseProgress
from services.intake.domain.counts import LATE, Tally
from services.intake.domain.participations import Participation, is_over, windows
from services.intake.domain.rounds import Cycle
from shared.instrument import Edition, Stage
from shared.instrument.model.activities import STAGES

REVIEW: Final = "review"
STEPS: Final = ("answering", "sealed", "completed", REVIEW, *OUTCOMES, "published")
"""Where a participation may be, in the order in which it gets there."""
REVIEWED, ATTENTION, OVER = "reviewed", "attention", "over"
"""Reviewed and not published yet; late or with a lapsed lease; behind a stage."""
_OF_STAGE = ("", f".{OPEN}", f".{LAPSED}", f".{CLAIMED}", f".{OVER}")
PLACES: Final = (
    *STEPS,
    *(LATE, OPEN, LAPSED, CLAIMED, *QUESTIONS, REVIEWED, ATTENTION),
    *(f"stage.{stage}{what}" for stage, what in product(STAGES, _OF_STAGE)),
)
"""All that is counted and asked for; a participation is at several of them."""


@dataclass(frozen=True)
class Place:
    """Where one participation is: the step; under review its stage, what its task is, and which stages are over."""

    step: str
    late: bool = False
    stage: str = ""
    task: str = ""
    over: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All of PLACES at which it is."""
        return frozenset(
            (
                self.step,
                *((LATE,) if self.late else ()),
                *((REVIEWED,) if self.step in OUTCOMES else ()),
                *((ATTENTION,) if self.late or self.task == LAPSED else ()),
                *(f"stage.{one}.{OVER}" for one in self.over),
                *self._names_of_stage(),
            )
        )

    @property
    def name(self) -> str:
        """That one of PLACES which says most of it."""
        if self.stage:
            return f"stage.{self.stage}.{self.task}"
        return LATE if self.late else self.step

    def _names_of_stage(self) -> Iterable[str]:
        if not self.stage:
            return ()
        # Whose lease lapsed waits for an assessor like every other open task.
        tasks = (LAPSED, OPEN) if self.task == LAPSED else (self.task,)
        return (f"stage.{self.stage}", *tasks, *(f"stage.{self.stage}.{task}" for task in tasks))


@dataclass(frozen=True)
class PlaceFilter:
    """Which agencies of a cycle are asked for: those at a place (None: anywhere), whose name or id says every word."""

    at: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """Those agencies of a cycle that are counted in the tallies, have one of the ids, and are called by all words.

    None: whatever the tally, whatever the id.
    """

    tallies: Sequence[Tally] | None = None
    ids: frozenset[str] | None = None
    words: tuple[str, ...] = ()


def tally_of(cycle: Cycle, one: Participation, now: datetime) -> Tally:
    """One participation, as many alike are counted together."""
    case = one.case or CaseProgress()
    return Tally(
        1,
        one.activity,
        sealed=bool(one.submission),
        completed=bool(one.completed_at),
        published=bool(one.result),
        over=is_over(windows(cycle, one).deadline, now),
        visit=one.visit,
        stage=one.stage.code if one.stage else None,
        task_stage=case.task.stage if case.task else None,
        task=case.task.state if case.task else None,
        outcome=case.outcome.what if case.outcome else None,
    )


def place_of(one: Tally, edition: Edition) -> Place:
    """Where participations are that are alike in all that this follows from."""
    if one.state in ("answering", "sealed"):
        return Place(one.state, late=one.over and one.state == "answering")
    optional = frozenset() if one.visit else edition.optional_stages(one.activity)
    order = edition.stages(one.activity)
    expected = tuple(code for code in order if code not in optional)
    if one.published:
        return Place("published", over=expected)
    return Place(one.outcome, over=expected) if one.outcome else _under_review(one, order, expected)


def _under_review(one: Tally, order: Sequence[str], expected: Sequence[str]) -> Place:
    """Where a complete submission is whose review is not over, as far as is known here."""
    done, running = _reached(one, order)
    if max(done, running) < 0:
        return Place("completed")
    # A task that is known goes before what the participation lets expect: its visit may have been decided since.
    task, stage = (str(one.task), order[running]) if running > done else (OPEN, None)
    stage = stage or next((code for code in order[done + 1 :] if code in expected), None)
    if stage is None:
        return Place(FINALISED, over=tuple(expected))
    over = tuple(code for code in expected if order.index(code) < order.index(stage))
    return Place(REVIEW, stage=stage, task=task, over=over)


def _reached(one: Tally, order: Sequence[str]) -> tuple[int, int]:
    """The number of the last stage that is over, and of the one that a task is known of; -1 where there is none.

    A finished task is the end of its stage, whichever of the two events comes first.
    """
    stage, task = (order.index(code) if code in order else -1 for code in (one.stage, one.task_stage))
    return (max(stage, task), -1) if one.task == FINISHED else (stage, task)


def numbers_of(tallies: Iterable[Tally], edition: Edition, awaited: Awaited) -> Mapping[str, int]:
    """How many participations are at each of PLACES."""
    counts = Counter(dict.fromkeys(PLACES, 0))
    for one in tallies:
        for name in place_of(one, edition).names:
            counts[name] += one.count
    return {**counts, **awaited.numbers}


def all_of(numbers: Mapping[str, int]) -> int:
    """Everybody who is counted: each is at one step."""
    return sum(numbers[step] for step in STEPS)


def later_stages(edition: Edition) -> Mapping[str, Stage]:
    """The stages that any activity goes through behind its first, which is the agency's own, by their codes."""
    return {stage.code: stage for activity in edition.activities for stage in activity.stages[1:]}


def places_to_choose(edition: Edition, numbers: Mapping[str, int], chosen: str) -> Sequence[str]:
    """Those of PLACES at which anybody is, or that are chosen, without stages that the edition does not have."""
    stages = later_stages(edition)
    named = (at for at in PLACES if not at.startswith("stage.") or at.split(".")[1] in stages)
    return [at for at in named if numbers[at] or at == chosen]


def chosen_of(wanted: PlaceFilter, tallies: Sequence[Tally], edition: Edition, awaited: Awaited) -> Chosen:
    """Which agencies those are that somebody asks for."""
    ids = awaited.at(wanted.at)
    if wanted.at is None or ids is not None:
        return Chosen(None, ids, wanted.words)
    there = [one for one in tallies if wanted.at in place_of(one, edition).names]
    return Chosen(there, None, wanted.words)


def since(one: Participation) -> datetime | None:
    """Since when a participation is where it is, as far as anything tells; None while it is answering or sealed."""
    case = one.case or CaseProgress()
    if one.result:
        return one.result.published_at
    if case.outcome:
        return case.outcome.at
    moments = [one.stage.completed_at] if one.stage else []
    moments += [case.task.at] if case.task else []
    return max(moments, default=one.completed_at)
