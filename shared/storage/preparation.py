"""Making a service's database ready: its collections, their indexes, and the rights of the service's own user."""

from collections.abc import Mapping, Sequence, Set

from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure

from shared.core import errors
from shared.storage.counters import COUNTERS
from shared.storage.counters import INDEXES as COUNTER_INDEXES
from shared.storage.reader import Doc
from shared.storage.rights import APPEND, DELETE, PURGE, Right

_OF_0_1 = frozenset({"chores", "waiting"})
_NAMESPACE_EXISTS = 48

SHARED_INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "heads": (),
    "audit": (
        IndexModel([("subject", 1), ("seq", 1)], unique=True),
        # What is searched by an action is read from this index alone: one of its own would cost every event.
        IndexModel([("at", -1), ("_id", -1), ("action", 1)]),
        # Of people; what services do by themselves, most of all that is done, is found by its time.
        IndexModel(
            [("actor", 1), ("at", -1), ("_id", -1)],
            name="people",
            partialFilterExpression={"actor": {"$lt": "service:"}},
        ),
    ),
    "verifications": (),
    "outbox": (
        IndexModel(
            [("at", 1), ("_id", 1), ("type", 1)],
            name="unpublished",
            partialFilterExpression={"pending": True},
        ),
        IndexModel([("subject", 1), ("sequence", 1)], unique=True),
    ),
    "inbox": (),
    "deferred_events": (
        IndexModel([("state", 1), ("next_at", 1)]),
        IndexModel([("state", 1), ("waits_for", 1), ("seen_rev", 1)]),
    ),
    "leases": (),
    "heartbeats": (),
    "replays": (),
    "queues": (),
    "jobs": (
        IndexModel([("state", 1), ("kind", 1), ("due", 1)]),
        IndexModel([("kind", 1), ("group", 1), ("state", 1), ("due", 1)]),
    ),
    "slots": (IndexModel([("token", 1)]),),
    COUNTERS: COUNTER_INDEXES,
    "people": (IndexModel([("issuer", 1), ("subject", 1)]),),
    "ended_sessions": (IndexModel([("until", 1)], expireAfterSeconds=0),),
}
SHARED_RIGHTS: Mapping[str, Right] = {
    "audit": APPEND,
    "outbox": DELETE,
    "inbox": PURGE,
    "deferred_events": DELETE,
    "leases": DELETE,
    "jobs": DELETE,
    "slots": DELETE,
    "ended_sessions": APPEND,
}


def prepare(db: Database[Doc], indexes: Mapping[str, Sequence[IndexModel]]) -> None:
    """Make every collection and index, a service's own and the shared; never inside a transaction.

    Conflict, and nothing is made, when the database holds collections of Nilai 0.1, whose data are not read.
    """
    wanted: dict[str, list[IndexModel]] = {name: list(models) for name, models in SHARED_INDEXES.items()}
    for name, models in indexes.items():
        wanted.setdefault(name, []).extend(models)
    there = set(db.list_collection_names())
    _refuse_old(db, there)
    for name, models in wanted.items():
        if name not in there:
            _create(db, name)
        if models:
            db[name].create_indexes(models)


def _refuse_old(db: Database[Doc], there: Set[str]) -> None:
    if old := sorted(_OF_0_1 & there):
        raise errors.Conflict(
            f"The database {db.name} was made by Nilai 0.1 (it has {', '.join(old)}), whose data this version "
            "does not read. Name another database in MONGO_DATABASE, or drop this one, and prepare again.",
            "older-layout",
        )


def _create(db: Database[Doc], name: str) -> None:
    try:
        db.create_collection(name, check_exists=False)
    except OperationFailure as problem:
        if problem.code != _NAMESPACE_EXISTS:
            raise
