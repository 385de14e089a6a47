"""An assessor's queue: what it holds, and what it may claim."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.review import domain, store
from services.review.domain import Case, Task
from shared.core.people import Caller
from shared.instrument import Edition
from shared.storage.reader import Page, Reader

PAGE = 25
"""Open tasks that are shown at once."""
MOST_HELD = 200
"""Tasks of one holder that are shown."""


@dataclass(frozen=True)
class QueuedTask:
    """A task with the case that it is of, that one's edition, and the agency's name."""

    task: Task
    case: Case
    edition: Edition
    agency: str


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
    return Queue(tuple(told[task.id] for task in mine.rows), open.map(lambda task: told[task.id]))


def _queued(reader: Reader, task: Task, cases: Mapping[str, Case], names: Mapping[str, str]) -> QueuedTask:
    case = cases[task.case]
    edition = store.require_edition(reader, case.edition, case.edition_hash)
    return QueuedTask(task, case, edition, names.get(task.agency, task.agency))
