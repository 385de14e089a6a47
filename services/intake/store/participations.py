"""Participations as the ministry looks for them: by cycle, state and words, with what was extended."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from services.intake.domain import Agency, Participation, ParticipationFilter
from services.intake.domain.counts import LATE
from services.intake.domain.extensions import Extended
from services.intake.store.records import find, list_page, says
from shared.core.canonical import parse_timestamp
from shared.storage.documents import from_document
from shared.storage.reader import Page, Reader
from shared.storage.transaction import Transaction

MOST_EXTENSIONS = 100
_THERE = {"$ne": None}
_STATES: Mapping[str, Mapping[str, Any]] = {
    "answering": {"result": None, "submission": None},
    "sealed": {"result": None, "submission": _THERE, "completed_at": None},
    "completed": {"result": None, "submission": _THERE, "completed_at": _THERE},
    "published": {"result": _THERE},
}


def list_wanted(
    reader: Reader, wanted: ParticipationFilter, agencies: Set[str] | None, after: str | None, limit: int
) -> Page[Participation]:
    """The participations that are asked for, of those agencies (None: any), by id, after that id."""
    where: dict[str, Any] = {} if wanted.cycle is None else {"cycle": wanted.cycle}
    if wanted.words:
        named = {
            row["_id"] for row in reader.find("agencies", says(wanted.words, "name", "_id"), fields=["_id"])
        }
        agencies = named if agencies is None else named & agencies
    if agencies is not None:
        where["agency"] = {"$in": sorted(agencies)}
    if wanted.state is not None:
        where |= _late(reader) if wanted.state == LATE else _STATES[wanted.state]
    return list_page(reader, Participation, where, after, limit)


def find_agencies(reader: Reader, ids: Set[str]) -> Mapping[str, Agency]:
    """Those of the agencies that there are, by id."""
    rows = reader.find("agencies", {"_id": {"$in": sorted(ids)}})
    return {row["_id"]: from_document(Agency, row) for row in rows}


def find_participations(reader: Reader, ids: Set[str]) -> Mapping[str, Participation]:
    """Those of the participations that there are, by id."""
    rows = reader.find("participations", {"_id": {"$in": sorted(ids)}})
    return {row["_id"]: from_document(Participation, row) for row in rows}


def find_participation_of(reader: Reader, submission: str) -> Participation | None:
    """The participation of which a submission was sealed, whose id its case has too; None when there is none."""
    rows = reader.find("participations", {"submission": submission}, limit=1)
    return from_document(Participation, rows[0]) if rows else None


def list_extended(reader: Reader, id: str) -> Sequence[Extended]:
    """The extensions of a participation, the last one first."""
    where = {"subject": f"participation:{id}", "action": "participation.extended"}
    rows = reader.find("audit", where, [("seq", -1)], MOST_EXTENSIONS)
    told = ((row["at"], row["actor"], row["detail"]) for row in rows)
    return [
        Extended(at, by, parse_timestamp(detail["deadline"]), detail["reason"]) for at, by, detail in told
    ]


def load_participations(tx: Transaction, ids: Sequence[str]) -> Mapping[str, Participation]:
    """Those of the participations that there are, by id; these and their heads are read by one query each."""
    tx.load("participations", ids)
    tx.load("heads", [f"participation:{id}" for id in ids])
    found = {id: one for id in ids if (one := find(tx, Participation, id))}
    sealed = [one.submission for one in found.values() if one.submission]
    tx.load("submissions", sealed)
    tx.load("completions", sealed)
    return found


def _late(reader: Reader) -> dict[str, Any]:
    now = reader.now.replace(microsecond=0)
    over = [row["_id"] for row in reader.find("cycles", {"deadline": {"$lt": now}}, fields=["_id"])]
    late = {"$or": [{"deadline": {"$lt": now}}, {"deadline": None, "cycle": {"$in": over}}]}
    return {**_STATES["answering"], **late}
