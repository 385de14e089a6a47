"""Chains joined into other chains: an audit entry whose detail has `joins` vouches for the entries that it names.

`joins` is {subject: [number, hash]} of the last entry of each joined chain at that moment, as `Transaction.touch`
gives it. A joined chain may grow after that; what it held then can no longer be changed or taken away unseen,
even when its own head was rewritten to match.
"""

from collections.abc import Iterator

from pymongo.database import Database

from shared.storage.audit import KEPT, Breach, Report
from shared.storage.reader import Doc


def verify_joins(db: Database[Doc]) -> Report:
    """Check that every joined chain still holds the entry by which it was joined; counts the broken ones."""
    broken: dict[str, Breach] = {}
    for entry in db["audit"].find({"detail.joins": {"$exists": True}}, {"detail.joins": 1}):
        for breach in _broken_joins(db, entry):
            broken.setdefault(breach.subject, breach)
    return Report(0, 0, len(broken), tuple(broken.values())[:KEPT])


def _broken_joins(db: Database[Doc], entry: Doc) -> Iterator[Breach]:
    joins = {subject: last for subject, last in entry["detail"]["joins"].items() if last[0]}
    ids = [f"{subject}#{number:08d}" for subject, (number, _) in joins.items()]
    found = {row["_id"]: row.get("hash") for row in db["audit"].find({"_id": {"$in": ids}}, {"hash": 1})}
    for id, (subject, (number, hash)) in zip(ids, joins.items(), strict=True):
        if found.get(id) != hash:
            yield Breach(
                subject, number, "unjoined", f"{entry['_id']} vouches for another entry in this place"
            )
