"""Cycles and who takes part in them, as somebody looks at all of them at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.intake.domain import Agency, Cycle, EditionRecord, Participation
from services.intake.domain.control import Chosen
from services.intake.domain.counts import Tally
from services.intake.domain.registry import AgencyFilter
from services.intake.store.records import list_page, says
from shared.storage.documents import from_document
from shared.storage.reader import Page, Reader


def count_participants_of(reader: Reader, cycles: Iterable[str]) -> Mapping[str, int]:
    """How many agencies take part in each of the cycles that have any."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"cycle": {"$in": sorted(cycles)}}},
        {"$group": {"_id": "$cycle", "count": {"$sum": 1}}},
    ]
    return {row["_id"]: row["count"] for row in reader.aggregate("participations", pipeline)}


def list_tallies(reader: Reader, cycle: Cycle) -> list[Tally]:
    """The participations of a cycle, counted by all that their state follows from."""
    over = {"$lt": [{"$ifNull": ["$deadline", cycle.deadline]}, reader.now.replace(microsecond=0)]}
    alike = {
        "activity": "$activity",
        "sealed": _is_there("$submission"),
        "completed": _is_there("$completed_at"),
        "published": _is_there("$result"),
        "over": over,
        "visit": "$visit",
        "stage": {"$ifNull": ["$stage.code", None]},
        "task_stage": {"$ifNull": ["$case.task.stage", None]},
        "task": {"$ifNull": ["$case.task.state", None]},
        "outcome": {"$ifNull": ["$case.outcome.what", None]},
    }
    pipeline: list[dict[str, Any]] = [
        {"$match": {"cycle": cycle.id}},
        {"$group": {"_id": alike, "count": {"$sum": 1}}},
    ]
    return [Tally(row["count"], **row["_id"]) for row in reader.aggregate("participations", pipeline)]


def list_chosen(
    reader: Reader, cycle: Cycle, chosen: Chosen, after: str | None, limit: int
) -> Page[Participation]:
    """The chosen participations of a cycle, by id, after that id."""
    where: dict[str, Any] = {"cycle": cycle.id}
    if chosen.words:
        named = reader.find("agencies", says(chosen.words, "name", "_id"), fields=["_id"])
        where["agency"] = {"$in": [row["_id"] for row in named]}
    if chosen.tallies is not None:
        where["$or"] = [_alike(one, cycle, reader.now) for one in chosen.tallies] or [{"_id": None}]
    if chosen.ids is not None:
        where["$and"] = [{"_id": {"$in": sorted(chosen.ids)}}]
    return list_page(reader, Participation, where, after, limit)


def list_published(reader: Reader) -> list[EditionRecord]:
    """The editions that are in force, by id."""
    rows = reader.find("editions", {"published_at": {"$ne": None}}, [("_id", 1)])
    return [from_document(EditionRecord, row) for row in rows]


def list_cycles_of(reader: Reader, edition: str) -> list[Cycle]:
    """The cycles that are played with an edition."""
    return [from_document(Cycle, row) for row in reader.find("cycles", {"edition": edition}, [("_id", 1)])]


def list_agencies(reader: Reader, wanted: AgencyFilter, after: str | None, limit: int) -> Page[Agency]:
    """The agencies that are asked for, by id, after that id."""
    where: dict[str, Any] = says(wanted.words, "name", "_id") if wanted.words else {}
    if wanted.group is not None:
        where["group"] = wanted.group
    return list_page(reader, Agency, where, after, limit)


def list_cycles(reader: Reader, ids: Iterable[str]) -> Mapping[str, Cycle]:
    """Those of the cycles that there are, by id."""
    rows = reader.find("cycles", {"_id": {"$in": sorted(set(ids))}})
    return {row["_id"]: from_document(Cycle, row) for row in rows}


def _is_there(field: str) -> Mapping[str, object]:
    return {"$ne": [{"$ifNull": [field, None]}, None]}


def _alike(one: Tally, cycle: Cycle, now: datetime) -> Mapping[str, object]:
    """What matches the participations that a tally counts."""
    over = [{"$ifNull": ["$deadline", cycle.deadline]}, now.replace(microsecond=0)]
    return {
        "activity": one.activity,
        "visit": one.visit,
        "submission": _there(one.sealed),
        "completed_at": _there(one.completed),
        "result": _there(one.published),
        "stage.code": one.stage,
        "case.task.stage": one.task_stage,
        "case.task.state": one.task,
        "case.outcome.what": one.outcome,
        "$expr": {"$lt" if one.over else "$gte": over},
    }


def _there(is_there: bool) -> Mapping[str, None] | None:
    return {"$ne": None} if is_there else None
