"""The collections that notify owns, with their indexes."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "subscriptions": (
        IndexModel([("owner", 1), ("name", 1)], unique=True, partialFilterExpression={"open": True}),
    ),
    "rosters": (),
    "streams": (),
    "entries": (IndexModel([("stream", 1), ("sequence", 1)], unique=True),),
    "deliveries": (
        IndexModel([("subscription", 1), ("sequence", -1)]),
        IndexModel([("subscription", 1), ("state", 1), ("sequence", -1)]),
    ),
    "attempts": (IndexModel([("delivery", 1), ("number", -1)], unique=True),),
    "health": (),
    "agencies": (),
}
