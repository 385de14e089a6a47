"""Agencies' ways through a cycle, as review and scoring would publish them: where each is, counted naively."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count, repeat
from typing import Any

from services.intake import commands, store
from services.intake.domain import Participation
from services.intake.domain.clarification_answers import ClarificationDraft
from services.intake.schemas import AgencyInput, CycleInput
from shared.core.ids import utcnow
from shared.core.people import Caller, Grant
from shared.events import Envelope
from shared.events.review import (
    ClarificationAsked,
    ClarificationWithdrawn,
    ReviewFinalised,
    StageCompleted,
    TaskAssigned,
    TaskFinished,
    TaskReleased,
)
from shared.events.scoring import ResultApproved, ResultPublished, ScoreComputed
from shared.instrument import load
from shared.storage.transaction import Transaction
from tests.instrument.builders import changed
from tests.intake.rounds import MINISTER, agency, cycle
from tests.support.stage import LONG_AGO, Stage

VISIT = "      - {code: visit, name: {id: Visitasi, en: Visit}, optional: true}\n"
LONGER = changed(
    ("id: small-1", "id: small-4"),
    (
        VISIT,
        "      - {code: document, name: {id: Dokumen, en: Document}}\n"
        "      - {code: interview, name: {id: Wawancara, en: Interview}}\n" + VISIT,
    ),
)
STAGES = {"monitoring": ("self", "document"), "evaluation": ("self", "document", "interview", "visit")}
NATION = tuple(f"kota-{number}" for number in range(5))
WAYS_OF_LOSING = ("released", "expired", "conflict", "appointment")
NEWS = ("scored", "approved", "published")
SILENT = 4
AWAITED = {"open": "asked", "answered": "answered"}
_cycles = count(2100)


@dataclass
class Question:
    """A question as it is played here: the stage that goes by it, and open, late, answered or withdrawn."""

    stage: str
    state: str
    version: int = 1


@dataclass
class Story:
    """One agency's way through a cycle as it is played here: its events, and where it is after each of them.

    This is the naive recount: it knows what happened, and never looks at what intake keeps.
    """

    participation: Participation
    late: bool = False
    step: str = "answering"
    stage: str = ""
    task: str = ""
    over: list[str] = field(default_factory=list)
    sequences: Counter[str] = field(default_factory=Counter)
    questions: dict[str, Question] = field(default_factory=dict)

    @property
    def case(self) -> str:
        return f"s-{self.participation.id}"

    @property
    def stages(self) -> list[str]:
        all = STAGES[self.participation.activity]
        return [code for code in all if code != "visit" or self.participation.visit]

    def names(self) -> set[str]:
        """The places at which it has to be counted."""
        found = {self.step} | {f"stage.{code}.over" for code in self.over}
        if self.step == "review":
            found |= {f"stage.{self.stage}", self.task, f"stage.{self.stage}.{self.task}"}
            if self.task == "lapsed":
                found |= {"open", f"stage.{self.stage}.open", "attention"}
        if self.step in ("finalised", "scored", "approved"):
            found.add("reviewed")
        if self.late and self.step == "answering":
            found |= {"late", "attention"}
        running = [one.state for one in self.questions.values() if one.stage not in self.over]
        return found | {AWAITED[state] for state in running if state in AWAITED}

    def to_answer(self) -> list[str]:
        """The questions that the agency may answer now."""
        return [
            id for id, one in self.questions.items() if one.state == "open" and one.stage not in self.over
        ]

    def ask(self, on: Stage, way: int) -> Iterator[Envelope]:
        """The assessors ask for the stage under way, in time or too late, or take a question back or ask it anew."""
        if way == SILENT or self.step != "review" or self.stage not in ("interview", "visit"):
            return
        of_stage = {id: one for id, one in self.questions.items() if one.stage == self.stage}
        id = next((id for id, one in of_stage.items() if one.state in ("open", "withdrawn")), "")
        if way < 2:
            id = f"{self.case}.{self.stage}.{len(of_stage)}"
            self.questions[id] = Question(self.stage, ("open", "late")[way])
            yield self._question(on, id)
        elif id and self.questions[id].state == "open":
            self.questions[id].state = "withdrawn"
            said = {"clarification": id, "case": self.case, "participation": self.participation.id}
            event = ClarificationWithdrawn(**said, agency=self._agency, indicator="1", withdrawn_at=utcnow())
            yield self.envelope(on, f"clarification:{id}", event)
        elif id:
            again = self.questions[id]
            again.state, again.version = "open", again.version + 1
            yield self._question(on, id)

    def answer(self, on: Stage, id: str) -> None:
        """The agency answers a question for good."""
        own = Caller("", "", "p", (Grant("coordinator", self._agency),))
        place = (self.participation.id, id)
        saved = on.run(commands.save_clarification_answer, *place, ClarificationDraft("Ada."), 0, caller=own)
        on.run(commands.send_clarification_answer, *place, saved.rev, caller=own)
        self.questions[id].state = "answered"

    def _question(self, on: Stage, id: str) -> Envelope:
        one = self.questions[id]
        event = ClarificationAsked(
            clarification=id,
            case=self.case,
            submission=self.case,
            participation=self.participation.id,
            cycle=self.participation.cycle,
            agency=self._agency,
            stage=one.stage,
            indicator="1",
            version=one.version,
            asked_at=LONG_AGO,
            until=utcnow() + timedelta(days=-1 if one.state == "late" else 1),
        )
        return self.envelope(on, f"clarification:{id}", event)

    def envelope(self, on: Stage, subject: str, event: Any) -> Envelope:
        self.sequences[subject] += 1
        return on.envelope(subject, event, sequence=self.sequences[subject])

    def of_case(self, on: Stage, kind: Callable[..., Any], **more: Any) -> Envelope:
        return self.envelope(on, f"case:{self.case}", kind(case=self.case, agency=self._agency, **more))

    def of_set(self, on: Stage, kind: Callable[..., Any], **more: Any) -> Envelope:
        said = {"submission": self.case, "participation": self.participation.id, "edition": "small-4"}
        return self.of_case(
            on, kind, cycle=self.participation.cycle, set_hash="0" * 64, ratings=(), **said, **more
        )

    def play(
        self, on: Stage, steps: int, ways: Iterator[int], asks: Iterator[int] | None = None
    ) -> Iterator[Envelope]:
        """So many steps of the review and of what follows it; `ways` says which where there are several.

        `asks` says what is asked before each step.
        """
        asks = asks or repeat(SILENT)
        for _ in range(steps):
            yield from self.ask(on, next(asks))
            yield from self._step(on, ways)

    def _step(self, on: Stage, ways: Iterator[int]) -> Iterator[Envelope]:
        if self.step == "completed":
            yield self.close(on, "self")
        elif self.step == "review":
            yield from self._work(on, ways)
        elif self.step in ("finalised", "scored", "approved"):
            self.step = NEWS[("finalised", "scored", "approved").index(self.step)]
            yield self._news(on)

    def _work(self, on: Stage, ways: Iterator[int]) -> Iterator[Envelope]:
        work = {"task": f"{self.case}.{self.stage}", "stage": self.stage, "assessor": "a-1", "fence": 1}
        way = next(ways)
        if self.task != "claimed":
            if way == 0:  # nothing was marked for this stage: it takes over what stands
                yield self.close(on, self.stage)
                return
            self.task = "claimed"
            yield self.of_case(on, TaskAssigned, until=utcnow(), **work)
        elif way < len(WAYS_OF_LOSING):
            reason = WAYS_OF_LOSING[way]
            self.task = "lapsed" if reason == "expired" else "open"
            yield self.of_case(on, TaskReleased, reason=reason, **work)
        else:
            yield self.of_case(on, TaskFinished, **work)
            yield self.close(on, self.stage)
        if self.step == "finalised":
            yield self.of_set(on, ReviewFinalised, stage=self.over[-1], finalised_at=utcnow())

    def close(self, on: Stage, stage: str) -> Envelope:
        self.over.append(stage)
        left = self.stages[len(self.over) :]
        self.step, self.task = ("review", "open") if left else ("finalised", "")
        self.stage = left[0] if left else ""
        return self.of_set(on, StageCompleted, stage=stage, completed_at=utcnow())

    def _news(self, on: Stage) -> Envelope:
        result = {"submission": self.case, "cycle": self.participation.cycle, "agency": self._agency}
        if self.step == "scored":
            event: Any = ScoreComputed(
                **result, score="f", edition="small-4", stage="final", kind="final", **INDEX, set_hash=""
            )
            return self.envelope(on, f"score:{self.case}.final", event)
        if self.step == "approved":
            event = ResultApproved(**result, result="r", score="f", approved_at=utcnow())
        else:
            event = ResultPublished(
                **result,
                **INDEX,
                result="r",
                participation=self.participation.id,
                edition="small-4",
                version=1,
                published_at=utcnow(),
                nodes=(),
                receipt={},
            )
        return self.envelope(on, f"result:{self.case}", event)

    @property
    def _agency(self) -> str:
        return self.participation.agency


INDEX = {"index": "2.50", "exact": "5/2", "predicate": "Sedang"}


def provisional(story: Story, on: Stage) -> Envelope:
    """The score of a stage, which says nothing of how far a case is."""
    event = ScoreComputed(
        score=f"{story.case}.self",
        submission=story.case,
        cycle=story.participation.cycle,
        agency=story.participation.agency,
        edition="small-4",
        stage="self",
        kind="provisional",
        set_hash="",
        **INDEX,
    )
    return story.envelope(on, f"score:{story.case}.self", event)


def settle(tx: Transaction, id: str, parts: Sequence[Participation]) -> None:
    """A cycle with its participations, as they are before anything is played."""
    if not store.known_agencies(tx, NATION):
        commands.load_edition(tx, load(LONGER))
        commands.publish_edition(tx, "small-4")
        for name in NATION:
            commands.set_agency(tx, AgencyInput().load(agency(name)).of(name))
    commands.set_cycle(tx, CycleInput().load(cycle(edition="small-4")).of(id))
    commands.open_cycle(tx, id)
    for one in parts:
        store.save(tx, one)


def begin(on: Stage, plans: Sequence[tuple[str, bool, str]]) -> list[Story]:
    """A new cycle in which each agency is at a step of its own, by activity, visit and step."""
    id = str(next(_cycles))
    stories = []
    for name, (activity, visit, step) in zip(NATION, plans, strict=False):
        late = step == "late"
        one = Participation(
            f"{id}.{name}", id, name, activity, visit, utcnow() - timedelta(days=1) if late else None
        )
        if step not in ("answering", "late"):
            one = replace(one, submission=f"s-{one.id}", completed_at=None if step == "sealed" else LONG_AGO)
        stories.append(Story(one, late, "answering" if late else step))
    on.run(settle, id, [story.participation for story in stories], caller=MINISTER)
    return stories
