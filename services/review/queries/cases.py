"""Cases."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from services.review import domain, store
from services.review.domain import Case, Rating, Task
from shared.core.people import Caller
from shared.storage.reader import Page, Reader


def list_cases(
    reader: Reader, caller: Caller, cycle: str | None, state: str | None, after: str | None, limit: int
) -> Page[Case]:
    """The cases of a cycle and in a state (None: any) that the caller may see, by id, after that id."""
    me = store.find_caller_assessor(reader, caller)
    wanted = domain.visible_cases(caller, me, cycle, state)
    return store.list_cases(reader, wanted, after, limit) if wanted else Page([], more=False)


def get_case(reader: Reader, caller: Caller, id: str) -> dict[str, Any]:
    """A case with what was handed in, its completed stages, and the caller's own task with what it rated.

    Gives the fields of Case with state and submission, those of Material, `completed` (those of CompletedStage, with
    whole `ratings`), `clarifications` (those of Clarification, with `state`), and `task` (those of Task, with asked,
    done and `ratings`) or None. Raises NotFound.
    """
    me = store.find_caller_assessor(reader, caller)
    held = store.find_held_task(reader, id, me.id) if me else None
    case = domain.check_sees(store.find_case(reader, id), caller, held, me)
    return {
        **asdict(case),
        **asdict(store.require_material(reader, id)),
        "state": case.state,
        "submission": case.submission,
        "completed": _completed(reader, caller, id),
        "clarifications": [
            {**asdict(one), "state": one.state(reader.now)} for one in store.list_clarifications(reader, id)
        ],
        "task": _own_task(reader, caller, held) if held else None,
    }


def _completed(reader: Reader, caller: Caller, case: str) -> list[dict[str, Any]]:
    stages = store.list_completed_stages(reader, case)
    ids = [id for stage in stages for id in stage.ratings]
    ratings = {rating.id: rating for rating in _shown(store.list_ratings(reader, ids), caller)}
    return [{**asdict(stage), "ratings": [ratings[id] for id in stage.ratings]} for stage in stages]


def _own_task(reader: Reader, caller: Caller, task: Task) -> dict[str, Any]:
    drafts = store.list_drafts(reader, task.id, task.assessor or "")
    return {**asdict(task), "asked": task.asked, "done": task.done, "ratings": _shown(drafts, caller)}


def _shown(ratings: Iterable[Rating], caller: Caller) -> list[Rating]:
    return [domain.show_rating(rating, caller) for rating in ratings]
