"""The collections of review with their indexes, and what may be done with their rows."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from shared.storage import imports
from shared.storage.rights import APPEND, REPLICA, Right

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "editions": (),
    "agencies": (),
    "cycles": (),
    "participations": (),
    "external_indices": (IndexModel([("agency", 1), ("_id", 1)]),),
    "materials": (),
    "completed_stages": (IndexModel([("case", 1), ("number", 1)], unique=True),),
    "assessors": (IndexModel([("issuer", 1), ("subject", 1)], unique=True),),
    "cases": (IndexModel([("cycle", 1), ("_id", 1)]), IndexModel([("assessors", 1), ("_id", 1)])),
    "tasks": (
        IndexModel([("state", 1), ("until", 1)]),
        IndexModel([("case", 1), ("stage", 1)], unique=True),
        IndexModel([("held_by", 1), ("_id", 1)]),
    ),
    "clarification_marks": (),
    "clarifications": (IndexModel([("case", 1), ("asked_at", 1), ("_id", 1)]),),
    **imports.INDEXES,
    "ratings": (
        IndexModel([("task", 1), ("author", 1), ("indicator", 1), ("version", 1)]),
        IndexModel([("case", 1), ("stage", 1)]),
    ),
}
RIGHTS: Mapping[str, Right] = {
    **dict.fromkeys(
        ("editions", "cycles", "agencies", "people", "participations", "external_indices"), REPLICA
    ),
    "materials": APPEND,
    "completed_stages": APPEND,
    "ratings": APPEND,
}
