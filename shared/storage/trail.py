"""Searching the audit trail: what was done to a subject, by somebody, of a kind, between two moments; latest first."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.storage.reader import Doc, Page, Reader

Place = tuple[datetime, str]
"""An entry's moment and id: where a list goes on."""
MOST_ACTORS = 20


@dataclass(frozen=True)
class TrailFilter:
    """Which entries: of one subject, by one of these actors, from `since` on, before `until`; None stands for all.

    An `action` without a point, such as `cycle`, means every action that begins with it and a point.
    """

    subject: str | None = None
    actors: Collection[str] | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_entries(reader: Reader, wanted: TrailFilter, after: Place | None, limit: int) -> Page[Doc]:
    """The entries that match, the latest first, behind the place where the page before ended."""
    # One chain is in the order of its numbers, which stand in its ids, whatever the clocks said.
    is_chain = wanted.subject is not None
    where = _where(wanted)
    if after and is_chain:
        where["_id"] = {"$lt": after[1]}
    elif after:
        at, id = after
        where["at"] = {**where.get("at", {}), "$lte": at}
        where["$or"] = [{"at": {"$lt": at}}, {"_id": {"$lt": id}}]
    return reader.find_page("audit", where, [("seq", -1)] if is_chain else [("at", -1), ("_id", -1)], limit)


def find_actors(reader: Reader, said: str) -> list[str]:
    """The ids of those whom a text may mean: itself, and the people whose names hold it."""
    where = {"name": {"$regex": re.escape(said), "$options": "i"}}
    found = reader.find("people", where, limit=MOST_ACTORS, fields=["_id"])
    return [said, *(doc["_id"] for doc in found)]


def find_names(reader: Reader, actors: Iterable[str]) -> dict[str, str]:
    """The names of those actors of whom one is known here."""
    where = {"_id": {"$in": sorted(set(actors))}}
    found = reader.find("people", where, fields=["name"])
    return {doc["_id"]: doc["name"] for doc in found if doc.get("name")}


def _where(wanted: TrailFilter) -> Doc:
    where: Doc = {}
    if wanted.subject is not None:
        where["subject"] = wanted.subject
    if wanted.actors is not None:
        where["actor"] = {"$in": sorted(wanted.actors)}
    if wanted.action is not None:
        where["action"] = (
            wanted.action if "." in wanted.action else {"$regex": f"^{re.escape(wanted.action)}\\."}
        )
    times = {"$gte": wanted.since, "$lt": wanted.until}
    if bounds := {name: at for name, at in times.items() if at is not None}:
        where["at"] = bounds
    return where
