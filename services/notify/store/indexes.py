"""The collections that notify owns, with their indexes, and what may be done with their rows."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from shared.storage.rights import APPEND, REPLICA, Right

_LATEST = (("created_at", -1), ("sequence", -1), ("_id", -1))
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "subscriptions": (
        IndexModel([("owner", 1), ("name", 1)], unique=True, partialFilterExpression={"open": True}),
    ),
    "rosters": (),
    "streams": (),
    "entries": (IndexModel([("stream", 1), ("sequence", 1)], unique=True),),
    "deliveries": (
        IndexModel([("subscription", 1), *_LATEST]),
        IndexModel([("subscription", 1), ("state", 1), *_LATEST]),
    ),
    "attempts": (IndexModel([("delivery", 1), ("number", -1)], unique=True),),
    "health": (),
    "agencies": (),
}
RIGHTS: Mapping[str, Right] = {
    **dict.fromkeys(("agencies", "people"), REPLICA),
    "entries": APPEND,
    "attempts": APPEND,
}
