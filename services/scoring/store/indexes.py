"""The collections that scoring owns, with their indexes, and what may be done with their rows."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from shared.storage.rights import APPEND, REPLICA, Right

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "editions": (),
    "agencies": (),
    "cycles": (),
    "sets": (),
    "scores": (
        IndexModel([("basis.cycle", 1), ("_id", 1)]),
        IndexModel([("basis.agency", 1), ("_id", 1)]),
        IndexModel([("basis.stage", 1), ("_id", 1)]),
    ),
    "results": (
        IndexModel([("cycle", 1), ("_id", 1)]),
        IndexModel([("agency", 1), ("_id", 1)]),
        IndexModel([("published_at", 1), ("cycle", 1)]),
    ),
}
RIGHTS: Mapping[str, Right] = {
    **dict.fromkeys(("editions", "agencies", "people"), REPLICA),
    "sets": APPEND,
    "scores": APPEND,
}
