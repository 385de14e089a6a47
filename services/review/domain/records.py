"""What the ministry reads of a case, stage by stage, and of all cases of a cycle."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.review.domain.cases import Case, CompletedStage, Cycle, StageCount, expected_stages
from services.review.domain.clarifications import Clarification
from services.review.domain.materials import Material, SubmittedAnswer, check_answered
from services.review.domain.ratings import Rating
from services.review.domain.tasks import Task
from shared.instrument import Edition, LocalizedText

StepState = Literal["ended", "held", "open", "passed", "coming"]


@dataclass(frozen=True)
class Step:
    """Where a stage of a case stands.

    `holder` is who holds its task, or finished it; `earlier` are those who held it otherwise.
    """

    code: str
    state: StepState
    task: Task | None
    ended: CompletedStage | None
    holder: str | None
    earlier: tuple[str, ...]


@dataclass(frozen=True)
class StageValue:
    """What a completed stage rated an indicator with, and whether the stage before had another value."""

    value: str
    differs: bool


@dataclass(frozen=True)
class StageRated:
    """A completed stage with its rating of one indicator."""

    stage: CompletedStage
    rating: Rating


@dataclass(frozen=True)
class StageNumber:
    """A stage that cases of a cycle go through, how editions call it, and how many are in it."""

    code: str
    name: LocalizedText
    count: int


@dataclass(frozen=True)
class CaseRecord:
    """A case with all that belongs to it: `ratings` are those of its completed stages, by id."""

    case: Case
    edition: Edition
    material: Material
    completed: Sequence[CompletedStage]
    ratings: Mapping[str, Rating]
    tasks: Sequence[Task]
    asked: Sequence[Clarification]
    visit: bool

    def steps(self, now: datetime) -> list[Step]:
        """Where each of its stages stands."""
        ended = {one.stage: one for one in self.completed}
        tasks = {task.stage: task for task in self.tasks}
        return [self._step(code, tasks.get(code), ended.get(code), now) for code in self.case.stages]

    def _step(self, code: str, task: Task | None, ended: CompletedStage | None, now: datetime) -> Step:
        holder = holder_of(task, now)
        held_by = task.held_by if task else ()
        earlier = tuple(one for one in held_by if one != holder)
        return Step(code, self._state(code, ended, holder), task, ended, holder, earlier)

    def _state(self, code: str, ended: CompletedStage | None, holder: str | None) -> StepState:
        if ended:
            return "ended"
        if code == self.case.stage:
            return "held" if holder else "open"
        return "coming" if code in expected_stages(self.case, self.edition, self.visit) else "passed"

    def rated(self, indicator: str) -> list[StageRated]:
        """How each completed stage rated an indicator."""
        found = {(one.stage, one.indicator): one for one in self.ratings.values()}
        return [StageRated(stage, found[stage.stage, indicator]) for stage in self.completed]

    def values(self, indicator: str) -> list[StageValue]:
        """With what each completed stage rated an indicator."""
        values = [one.rating.value for one in self.rated(indicator)]
        return [
            StageValue(value, value != before)
            for value, before in zip(values, values[:1] + values, strict=False)
        ]

    def questions(self, indicator: str) -> list[Clarification]:
        """What the agency is asked about an indicator, the oldest first."""
        return [one for one in self.asked if one.indicator == indicator and not one.withdrawn_at]

    def answer(self, indicator: str) -> SubmittedAnswer:
        """What the agency says of an indicator; raises NotFound."""
        return check_answered(self.material, indicator)

    def files(self, indicator: str) -> list[str]:
        """How the files are called that the agency named for an indicator."""
        names = self.material.file_names
        return [names[sha256] for sha256 in self.answer(indicator).evidence]

    def neighbours(self, indicator: str) -> tuple[str | None, str | None]:
        """The indicators before and after one."""
        codes = self.edition.codes
        at = codes.index(indicator)
        return codes[at - 1] if at else None, codes[at + 1] if at + 1 < len(codes) else None


def choose_cycle(cycles: Sequence[Cycle], wanted: str | None) -> Cycle | None:
    """The cycle of that id, else the first; None where there is none."""
    return next((one for one in cycles if one.id == wanted), cycles[0] if cycles else None)


def last_holders(tasks: Iterable[Task]) -> set[str]:
    """Who claimed these tasks last."""
    return {task.assessor for task in tasks if task.assessor}


def ever_holders(tasks: Iterable[Task]) -> set[str]:
    """Who ever claimed these tasks."""
    return {one for task in tasks for one in task.held_by}


def rated_in(completed: Iterable[CompletedStage]) -> list[str]:
    """The ids of the ratings of completed stages."""
    return [id for stage in completed for id in stage.ratings]


def holder_of(task: Task | None, now: datetime) -> str | None:
    """Who holds a task, or finished it; nobody while it is open."""
    kept = task is not None and (task.state == "finished" or task.is_leased(now))
    return task.assessor if task and kept else None


def stage_numbers(counts: Sequence[StageCount], editions: Mapping[str, Edition]) -> list[StageNumber]:
    """The stages that cases of a cycle go through, with how many are in each; editions are by hash."""
    names = {
        stage.code: stage.name
        for one in counts
        for stage in editions[one.edition_hash].activity(one.activity).stages
    }
    return [StageNumber(code, name, count_in(counts, code)) for code, name in names.items()]


def count_in(counts: Sequence[StageCount], stage: str | None) -> int:
    """How many cases are in a stage (None: finalised)."""
    return sum(one.count for one in counts if one.stage == stage)
