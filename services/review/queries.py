"""What can be looked at in review."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.review import domain, store
from services.review.domain import Assessor, Case, Rating, Task
from shared.errors import NotFound
from shared.people import Caller
from shared.view import Doc, View


def assessors(view: View, after: str | None, limit: int) -> list[Assessor]:
    """Assessors by id."""
    return store.assessors(view, after, limit)


def assessor(view: View, caller: Caller, id: str) -> Assessor:
    """One assessor, for the ministry or for itself; raises NotFound."""
    found = store.assessor(view, id)
    if found is None or not domain.may_see_assessor(caller, found):
        raise NotFound(f"There is no assessor {id}.")
    return found


def cases(view: View, caller: Caller, where: Mapping[str, Any], after: str | None, limit: int) -> list[Case]:
    """The ministry sees all cases, an assessor those that it has or had tasks of."""
    asked = {name: part for name, part in where.items() if part is not None}
    if caller.has("ministry"):
        return store.cases(view, asked, after, limit)
    me = store.caller_assessor(view, caller)
    if me is None:
        return []
    return store.cases(view, {**asked, "assessors": me.id, **_not_barred(me)}, after, limit)


def case(view: View, caller: Caller, id: str) -> dict[str, Any]:
    """A case with what was handed in, its completed stages, and the caller's own task with what it rated."""
    me = store.caller_assessor(view, caller)
    held = store.held_task(view, id, me.id, view.now) if me else None
    found = domain.check_sees(store.case(view, id), caller, held, me)
    named = caller.has("ministry")
    stages = [_stage(row, rows, named) for row, rows in store.committed(view, id)]
    drafts = store.drafts(view, held.id, held.assessor or "") if held else []
    task = {**_task(held), "ratings": [_rating(one, named) for one in drafts]} if held else None
    return {
        **asdict(found),
        **asdict(store.material(view, id)),
        "state": found.state,
        "submission": found.submission,
        "completed": stages,
        "task": task,
    }


def tasks(
    view: View, caller: Caller, which: str, cycle: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Tasks that are open, that the caller holds, or that it may know of, none of an agency that it may not assess."""
    me = store.caller_assessor(view, caller)
    where = _which(view, which, me, caller.has("ministry"))
    if cycle is not None:
        where["cycle"] = cycle
    if not caller.has("ministry") and me:
        where |= _not_barred(me)
    return [_listed(one, view, caller, me) for one in store.tasks(view, where, after, limit)]


def expired(view: View, limit: int = 500) -> list[Task]:
    """Tasks whose lease is over and that nobody released yet."""
    return store.tasks(view, {"state": "claimed", "until": {"$lte": view.now}}, limit=limit)


def _which(view: View, which: str, me: Assessor | None, ministry: bool) -> Doc:
    open_: list[Doc] = [{"state": "open"}, {"state": "claimed", "until": {"$lte": view.now}}]
    if which == "open":
        return {"$or": open_}
    if which == "mine":
        return {"state": "claimed", "until": {"$gt": view.now}, "assessor": me.id if me else None}
    return {} if ministry else {"$or": [*open_, {"held_by": me.id if me else None}]}


def _not_barred(me: Assessor) -> Doc:
    return {"agency": {"$nin": sorted(me.barred)}}


def _listed(task: Task, view: View, caller: Caller, me: Assessor | None) -> dict[str, Any]:
    """A task as a list shows it: a lease that is over counts as open.

    Only the ministry reads who holds it, and how far somebody else came with it.
    """
    live, ministry = task.live(view.now), caller.has("ministry")
    own = me is not None and task.assessor == me.id
    state = "open" if task.state == "claimed" and not live else task.state
    shown = {**_task(task), "state": state, "fence": None, "until": task.until if live else None}
    return {
        **shown,
        "assessor": task.assessor if state != "open" and ministry else None,
        "done": len(task.rated) if own or ministry else None,
    }


def _task(task: Task) -> dict[str, Any]:
    return {**asdict(task), "asked": len(task.indicators), "done": len(task.rated)}


def _stage(row: Doc, rows: Sequence[Rating], named: bool) -> dict[str, Any]:
    ratings = [_rating(one, named) for one in rows]
    return {
        "stage": row["stage"],
        "closed_by": row["closed_by"],
        "completed_at": row["at"],
        "set_hash": row["set_hash"],
        "ratings": ratings,
    }


def _rating(one: Rating, named: bool) -> dict[str, Any]:
    words = asdict(one.words) if one.words else {}
    return {**asdict(one), **words, "author": one.author if named else None}
