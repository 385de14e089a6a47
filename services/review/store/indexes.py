"""The collections of review and their indexes."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "editions": (),
    "agencies": (),
    "cycles": (),
    "participations": (),
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
    "ratings": (
        IndexModel([("task", 1), ("author", 1), ("indicator", 1), ("version", 1)]),
        IndexModel([("case", 1), ("stage", 1)]),
    ),
}
