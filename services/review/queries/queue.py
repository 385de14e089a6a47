"""An assessor's queue: what it holds, and what it may claim."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.review import domain, store
from services.review.domain import Case, Clarification, Task
from shared.core.people import Caller
from shared.instrument import Edition
from shared.storage.reader import Page, Reader

PAGE = 25
"""Open tasks that are shown at once."""
MOST_HELD = 200
"""Tasks of one holder that are shown."""


@dataclass(frozen=True)
class QueuedTask:
    """A task with the case that it is of, that one's edition, and the agency's name.

    `answered` are the indicators whose questions the agency answered since its holder rated them last.
    """

    task: Task
    case: Case
    edition: Edition
    agency: str
    answered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Queue:
    """What an assessor holds now, and a page of what it may claim, oldest first."""

    held: tuple[QueuedTask, ...]
    open: Page[QueuedTask]


def get_queue(reader: Reader, caller: Caller, after: str | None) -> Queue:
    """The queue of whoever asks, its open tasks after that id; none of an agency that it may not assess."""
    me = store.find_caller_assessor(reader, caller)
    mine = store.list_tasks(reader, domain.visible_tasks(caller, me, "mine", None), None, MOST_HELD)
    open = store.list_tasks(reader, domain.visible_tasks(caller, me, "open", None), after, PAGE)
    tasks = [*mine.rows, *open.rows]
    cases = store.find_cases(reader, {task.case for task in tasks})
    names = store.agency_names(reader, {task.agency for task in tasks})
    told = {task.id: _queued(reader, task, cases, names) for task in tasks}
    answered = _answered(reader, mine.rows)
    held = tuple(replace(told[task.id], answered=answered[task.id]) for task in mine.rows)
    return Queue(held, open.map(lambda task: told[task.id]))


def _answered(reader: Reader, held: Sequence[Task]) -> Mapping[str, tuple[str, ...]]:
    """The indicators of each held task to whose questions answers came that its holder did not rate by yet."""
    told: defaultdict[str, list[Clarification]] = defaultdict(list)
    for one in store.list_clarifications_of(reader, {task.case for task in held}):
        if one.answer:
            told[one.task].append(one)
    refs = {task.id: _ratings_about(task, told[task.id]) for task in held}
    wanted = [rating for of_task in refs.values() for rating in of_task.values()]
    rated = {rating.id: rating.at for rating in store.list_ratings(reader, wanted)}
    return {
        task: domain.to_look_at(told[task], {code: rated[rating] for code, rating in of_task.items()})
        for task, of_task in refs.items()
    }


def _ratings_about(task: Task, clarifications: Sequence[Clarification]) -> dict[str, str]:
    """The ratings of the indicators that these are about, by indicator."""
    about = {one.indicator for one in clarifications}
    return {ref.indicator: ref.rating for ref in task.rated if ref.indicator in about}


def _queued(reader: Reader, task: Task, cases: Mapping[str, Case], names: Mapping[str, str]) -> QueuedTask:
    case = cases[task.case]
    edition = store.require_edition(reader, case.edition, case.edition_hash)
    return QueuedTask(task, case, edition, names.get(task.agency, task.agency))
