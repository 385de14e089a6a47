"""The collections that scoring owns, with their indexes."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "editions": (),
    "agencies": (),
    "sets": (),
    "scores": (
        IndexModel([("basis.cycle", 1), ("_id", 1)]),
        IndexModel([("basis.agency", 1), ("_id", 1)]),
        IndexModel([("basis.stage", 1), ("_id", 1)]),
    ),
    "results": (IndexModel([("cycle", 1), ("_id", 1)]), IndexModel([("agency", 1), ("_id", 1)])),
}
