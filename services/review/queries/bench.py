"""What an assessor sees of one indicator at the bench: the answer with its files, the rating, and the stage before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.review import domain, store
from services.review.domain import Case, Clarification, Material, Rating, SubmittedAnswer, SubmittedFile, Task
from shared.core.people import Caller
from shared.instrument import Edition, Node
from shared.storage.reader import Reader


@dataclass(frozen=True)
class Work:
    """A task that the caller holds, with all that belongs to it.

    `ratings` are the caller's own and `before` those with which the stage `previous` ended, both by indicator;
    `missing` says for each indicator that is not rated completely which parts nobody wrote; the lease lasts for `left`.
    `asked` are the questions to the agency at each indicator, and `material` holds the files of its answers too.
    """

    task: Task
    case: Case
    edition: Edition
    agency: str
    material: Material
    ratings: Mapping[str, Rating]
    previous: str
    before: Mapping[str, Rating]
    missing: Mapping[str, list[str]]
    next_stage: str | None
    left: timedelta
    asked: Mapping[str, tuple[Clarification, ...]]

    @property
    def unanswered(self) -> tuple[Clarification, ...]:
        """What this task asked the agency, and nobody answered."""
        return domain.unanswered([one for found in self.asked.values() for one in found], self.task.id)

    def question(self, indicator: str) -> str:
        """What the caller wants the next stage to ask about an indicator; empty where it marks none."""
        return next((mark.question for mark in self.task.marks if mark.indicator == indicator), "")

    def asked_before(self, indicator: str) -> str:
        """What the stage before wanted to be asked about an indicator."""
        return next((mark.question for mark in self.task.questions if mark.indicator == indicator), "")


@dataclass(frozen=True)
class Desk:
    """One indicator of a task: what the agency says of it, and those of its files that can be opened."""

    work: Work
    node: Node
    answer: SubmittedAnswer
    files: tuple[SubmittedFile, ...]

    @property
    def asked(self) -> tuple[Clarification, ...]:
        """What the agency was asked about it, the oldest question first."""
        return self.work.asked.get(self.node.code, ())

    @property
    def rating(self) -> Rating | None:
        """What the caller said of it last."""
        return self.work.ratings.get(self.node.code)

    @property
    def before(self) -> Rating:
        """What the stage before ended with."""
        return self.work.before[self.node.code]


def get_work(reader: Reader, caller: Caller, task: str) -> Work:
    """The task that the caller holds; NotFound for all others."""
    me = store.find_caller_assessor(reader, caller)
    found = store.find_task(reader, task)
    held = domain.check_at_bench(found, me, reader.now)
    case = store.require_case(reader, held.case)
    edition = store.require_edition(reader, case.edition, case.edition_hash)
    ratings = store.list_ratings(reader, [ref.rating for ref in held.rated])
    previous = store.find_last_stage(reader, case.id)
    before = store.list_ratings(reader, previous.ratings)
    visit = store.require_participation(reader, case.participation).visit
    asked = store.list_clarifications(reader, case.id)
    return Work(
        task=held,
        case=case,
        edition=edition,
        agency=store.agency_names(reader, [case.agency]).get(case.agency, case.agency),
        material=domain.with_answers(store.require_material(reader, case.id), asked),
        ratings={rating.indicator: rating for rating in ratings},
        previous=previous.stage,
        before={rating.indicator: domain.show_rating(rating, caller) for rating in before},
        missing=domain.missing_ratings(held, ratings),
        next_stage=domain.next_stage(case, edition, visit),
        left=(held.until or reader.now) - reader.now,
        asked=domain.by_indicator(asked),
    )


def get_desk(reader: Reader, caller: Caller, task: str, indicator: str) -> Desk:
    """One indicator of a task that the caller holds; NotFound where there is none."""
    work = get_work(reader, caller, task)
    domain.check_at_desk(work.task, indicator)
    answer = next(answer for answer in work.material.answers if answer.indicator == indicator)
    readable = work.material.readable
    named = dict.fromkeys((*answer.evidence, *domain.added_files(work.asked.get(indicator, ()))))
    files = [readable[sha256] for sha256 in named if sha256 in readable]
    return Desk(work, work.edition.node(indicator), answer, tuple(files))
