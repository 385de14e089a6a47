"""The signing keys that a database has seen: one that is lost is noticed before another signs in its place."""

from typing import Any

from pymongo.database import Database

from shared.core.ids import utcnow
from shared.signing.keys import LIST, KeyRing, KeysError

SIGNING_KEYS = "signing_keys"
"""{_id: kid, lost_at}; only `prepare` reads and writes it."""


def check_keys(db: Database[Any], ring: KeyRing, accept_loss: bool) -> None:
    """Note the keys of the ring's service, each of whose purposes needs a secret that is in force now.

    KeysError, and nothing is noted, when a key that was noted before is not listed any more; unless that is accepted.
    """
    known = _listed(ring)
    lost = sorted(row["_id"] for row in db[SIGNING_KEYS].find({"lost_at": None, "_id": {"$nin": known}}))
    if lost and not accept_loss:
        raise KeysError(
            f"keys that {ring.service} has signed with are not in {LIST} any more: {', '.join(lost)}. Bring the folder "
            "of keys back from the backup that belongs to this database: without them nobody can check what they "
            "signed. If they are gone for good, prepare once with NILAI_ACCEPT_NEW_KEYS=yes"
        )
    for kid in lost:
        db[SIGNING_KEYS].update_one({"_id": kid}, {"$set": {"lost_at": utcnow()}})
    for kid in known:
        db[SIGNING_KEYS].update_one({"_id": kid}, {"$set": {"lost_at": None}}, upsert=True)


def _listed(ring: KeyRing) -> list[str]:
    own = [key for key in ring.publics.values() if key.service == ring.service]
    if not own:
        raise KeysError(f"{LIST} lists no key of {ring.service}")
    for purpose in sorted({key.purpose for key in own}):
        ring.signing(purpose, utcnow())
    return sorted(key.kid for key in own)
