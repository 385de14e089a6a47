"""Tasks, and the marks that each of their holders made."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.review.domain import ClarificationMark, Task, TaskCounts, TaskFilter
from shared.storage.documents import from_document, save, to_document
from shared.storage.reader import Doc, Page, Reader
from shared.storage.transaction import Transaction


def find_task(reader: Reader, id: str) -> Task | None:
    """A task by its id."""
    doc = reader.get("tasks", id)
    return from_document(Task, doc) if doc else None


def find_held_task(reader: Reader, case: str, assessor: str) -> Task | None:
    """The task of a case that an assessor holds now."""
    tasks = _find(reader, {"case": case, **_leased_to(assessor, reader.now)})
    return tasks[0] if tasks else None


def list_tasks(reader: Reader, wanted: TaskFilter, after: str | None, limit: int) -> Page[Task]:
    """The tasks that match, oldest first, after that id."""
    where = {**_scopes(wanted.assessor, reader.now)[wanted.scope], "agency": {"$nin": sorted(wanted.barred)}}
    if wanted.cycle is not None:
        where["cycle"] = wanted.cycle
    if after:
        where["_id"] = {"$gt": after}
    return reader.find_page("tasks", where, [("_id", 1)], limit).map(lambda doc: from_document(Task, doc))


def list_tasks_of_case(reader: Reader, case: str) -> list[Task]:
    """The tasks of a case, in the order of its stages."""
    return _find(reader, {"case": case})


def find_present_tasks(reader: Reader, cases: Iterable[str]) -> dict[str, Task]:
    """The task of each of these cases that is not finished, by case."""
    tasks = _find(reader, {"case": {"$in": sorted(cases)}, "state": {"$ne": "finished"}})
    return {task.case: task for task in tasks}


def list_tasks_held_by(reader: Reader, assessor: str, limit: int) -> list[Task]:
    """The last tasks that an assessor ever claimed, the newest first."""
    rows = reader.find("tasks", {"held_by": assessor}, [("_id", -1)], limit)
    return [from_document(Task, row) for row in rows]


def count_tasks_of(reader: Reader, assessors: Iterable[str]) -> dict[str, TaskCounts]:
    """How many tasks each of these assessors holds now and finished; none of those that have none."""
    ids = sorted(assessors)
    is_own = {"$match": {"held_by": {"$in": ids}, "assessor": {"$in": ids}}}
    is_held = {"$and": [{"$eq": ["$state", "claimed"]}, {"$gt": ["$until", reader.now]}]}
    sums: Doc = {
        "_id": "$assessor",
        "held": {"$sum": {"$cond": [is_held, 1, 0]}},
        "finished": {"$sum": {"$cond": [{"$eq": ["$state", "finished"]}, 1, 0]}},
    }
    rows = reader.aggregate("tasks", [is_own, {"$group": sums}])
    return {row["_id"]: TaskCounts(row["held"], row["finished"]) for row in rows}


def list_claimed_tasks(reader: Reader, assessor: str) -> list[Task]:
    """The tasks that an assessor claimed last and neither gave back nor finished, expired ones included."""
    return _find(reader, {"state": "claimed", "assessor": assessor})


def list_expired_tasks(reader: Reader, limit: int) -> list[Task]:
    """Tasks whose lease is over and that nobody released yet, oldest first."""
    return _find(reader, _expired(reader.now), limit)


def save_task(tx: Transaction, task: Task) -> Task:
    """Keep a task; gives it as stored."""
    return save(tx, "tasks", task)


def find_marks(reader: Reader, task: str, author: str) -> tuple[ClarificationMark, ...]:
    """What one author marked last in a task."""
    doc = reader.get("clarification_marks", f"{task}.{author}")
    return tuple(from_document(ClarificationMark, mark) for mark in doc["marks"]) if doc else ()


def save_marks(tx: Transaction, task: Task) -> None:
    """Keep the marks of a task's holder apart from the task, which may pass to somebody else."""
    marks = [to_document(mark) for mark in task.marks]
    key = f"{task.id}.{task.assessor}"
    tx.put("clarification_marks", {"_id": key, "task": task.id, "author": task.assessor, "marks": marks})


def _find(reader: Reader, where: Doc, limit: int = 0) -> list[Task]:
    return [from_document(Task, doc) for doc in reader.find("tasks", where, [("_id", 1)], limit)]


def _scopes(assessor: str | None, now: datetime) -> Mapping[str, Doc]:
    claimable: Sequence[Doc] = ({"state": "open"}, _expired(now))
    return {
        "open": {"$or": [*claimable]},
        "mine": _leased_to(assessor, now),
        "known": {"$or": [*claimable, {"held_by": assessor}]},
        "all": {},
    }


def _leased_to(assessor: str | None, now: datetime) -> Doc:
    return {"state": "claimed", "until": {"$gt": now}, "assessor": assessor}


def _expired(now: datetime) -> Doc:
    return {"state": "claimed", "until": {"$lte": now}}
