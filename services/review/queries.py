"""What can be looked at in review."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.review import domain, store
from services.review.domain import Assessor, Case, Rating, Task
from shared.core.errors import NotFound
from shared.core.people import Caller
from shared.storage.reader import Doc, Reader


def assessors(reader: Reader, after: str | None, limit: int) -> list[Assessor]:
    """Assessors by id."""
    return store.assessors(reader, after, limit)


def assessor(reader: Reader, caller: Caller, id: str) -> Assessor:
    """One assessor, for the ministry or for itself; raises NotFound."""
    found = store.assessor(reader, id)
    if found is None or not domain.may_see_assessor(caller, found):
        raise NotFound(f"There is no assessor {id}.")
    return found


def cases(
    reader: Reader, caller: Caller, where: Mapping[str, Any], after: str | None, limit: int
) -> list[Case]:
    """The ministry sees all cases, an assessor those that it has or had tasks of."""
    asked = {name: part for name, part in where.items() if part is not None}
    if caller.has("ministry"):
        return store.cases(reader, asked, after, limit)
    me = store.caller_assessor(reader, caller)
    if me is None:
        return []
    return store.cases(reader, {**asked, "assessors": me.id, **_not_barred(me)}, after, limit)


def case(reader: Reader, caller: Caller, id: str) -> dict[str, Any]:
    """A case with what was handed in, its completed stages, and the caller's own task with what it rated."""
    me = store.caller_assessor(reader, caller)
    held = store.held_task(reader, id, me.id, reader.now) if me else None
    found = domain.check_sees(store.case(reader, id), caller, held, me)
    named = caller.has("ministry")
    stages = [_stage(row, rows, named) for row, rows in store.committed(reader, id)]
    drafts = store.drafts(reader, held.id, held.assessor or "") if held else []
    task = {**_task(held), "ratings": [_rating(one, named) for one in drafts]} if held else None
    return {
        **asdict(found),
        **asdict(store.material(reader, id)),
        "state": found.state,
        "submission": found.submission,
        "completed": stages,
        "task": task,
    }


def tasks(
    reader: Reader, caller: Caller, which: str, cycle: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Tasks that are open, that the caller holds, or that it may know of, none of an agency that it may not assess."""
    me = store.caller_assessor(reader, caller)
    where = _which(reader, which, me, caller.has("ministry"))
    if cycle is not None:
        where["cycle"] = cycle
    if not caller.has("ministry") and me:
        where |= _not_barred(me)
    return [_listed(one, reader, caller, me) for one in store.tasks(reader, where, after, limit)]


def expired(reader: Reader, limit: int = 500) -> list[Task]:
    """Tasks whose lease is over and that nobody released yet."""
    return store.tasks(reader, {"state": "claimed", "until": {"$lte": reader.now}}, limit=limit)


def _which(reader: Reader, which: str, me: Assessor | None, ministry: bool) -> Doc:
    open_: list[Doc] = [{"state": "open"}, {"state": "claimed", "until": {"$lte": reader.now}}]
    if which == "open":
        return {"$or": open_}
    if which == "mine":
        return {"state": "claimed", "until": {"$gt": reader.now}, "assessor": me.id if me else None}
    return {} if ministry else {"$or": [*open_, {"held_by": me.id if me else None}]}


def _not_barred(me: Assessor) -> Doc:
    return {"agency": {"$nin": sorted(me.barred)}}


def _listed(task: Task, reader: Reader, caller: Caller, me: Assessor | None) -> dict[str, Any]:
    """A task as a list shows it: a lease that is over counts as open.

    Only the ministry reads who holds it, and how far somebody else came with it.
    """
    live, ministry = task.live(reader.now), caller.has("ministry")
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
