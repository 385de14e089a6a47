"""Tasks."""

from services.review import domain, store
from services.review.domain import ListedTask, Task
from shared.core.people import Caller
from shared.storage.reader import Page, Reader


def list_tasks(
    reader: Reader, caller: Caller, which: domain.AskedTasks, cycle: str | None, after: str | None, limit: int
) -> Page[ListedTask]:
    """Tasks that are open, that the caller holds, or that it may know of, by id, after that id.

    None of an agency that the caller may not assess.
    """
    me = store.find_caller_assessor(reader, caller)
    tasks = store.list_tasks(reader, domain.visible_tasks(caller, me, which, cycle), after, limit)
    return tasks.map(lambda task: domain.list_task(task, caller, me, reader.now))


def list_expired_tasks(reader: Reader, limit: int = 500) -> list[Task]:
    """Tasks whose lease is over and that nobody released yet, oldest first."""
    return store.list_expired_tasks(reader, limit)
