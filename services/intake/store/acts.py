"""What was done last in a self-assessment: its answers' versions, its audit trail, its uploads' names."""

from collections.abc import Iterable

from services.intake.domain.acts import MOST_ENTRIES, MOST_SAVES, Act, Edited, Entry
from shared.storage.reader import Reader


def list_saves(reader: Reader, participation: str) -> list[Act]:
    """The last saves of answers, the latest first."""
    fields = ["saved_at", "saved_by", "indicator", "rev"]
    where = {"participation": participation}
    rows = reader.find("answer_versions", where, [("saved_at", -1)], MOST_SAVES, fields)
    return [
        Act(row["saved_at"], row["saved_by"], "answer-saved", row["indicator"], row["rev"]) for row in rows
    ]


def list_entries(reader: Reader, participation: str) -> list[Entry]:
    """The last entries of a participation's audit trail, the latest first."""
    where = {"subject": f"participation:{participation}"}
    fields = ["at", "actor", "action", "detail.upload", "detail.sha256"]
    rows = reader.find("audit", where, [("seq", -1)], MOST_ENTRIES, fields)
    return [Entry(row["at"], row["actor"], row["action"], **row.get("detail", {})) for row in rows]


def find_upload_names(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """The names of uploads by id."""
    rows = reader.find("uploads", {"_id": {"$in": sorted(set(ids))}}, fields=["name"])
    return {row["_id"]: row["name"] for row in rows}


def list_edited(reader: Reader, participation: str, person: str) -> list[Edited]:
    """The indicators that a person has edited, the last one first; each costs one step in an index."""
    of_one = {"participation": participation, "saved_by": person}
    rows = reader.aggregate(
        "answer_versions",
        [
            {"$match": of_one},
            {"$sort": {"participation": 1, "saved_by": 1, "indicator": 1, "saved_at": -1}},
            {"$group": {"_id": "$indicator", "at": {"$first": "$saved_at"}}},
            {"$sort": {"at": -1, "_id": 1}},
        ],
    )
    return [Edited(row["_id"], row["at"]) for row in rows]
