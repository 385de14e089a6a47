"""What evidence keeps beside its bytes: uploads, possessions, blobs, and chunks that nobody needs any more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import timedelta

from pymongo import IndexModel

from services.intake.evidence.domain import Blob, Possession, Refusal, Upload
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "uploads": (
        IndexModel([("agency", 1), ("cycle", 1), ("state", 1)]),
        IndexModel([("state", 1), ("expires", 1)]),
        IndexModel(
            [("participation", 1), ("found", 1)], partialFilterExpression={"found": {"$exists": True}}
        ),
    ),
    "possessions": (
        IndexModel([("agency", 1), ("cycles", 1)]),
        IndexModel([("agency", 1), ("sha256", 1)], unique=True),
        IndexModel([("sha256", 1)]),
    ),
    "blobs": (),
    "chunks": (),
    "litter": (IndexModel([("since", 1)]),),
}

_UPLOAD = tuple(one.name for one in fields(Upload) if one.name not in {"id", "rev", "refusal"})


def upload(reader: Reader, id: str) -> Upload | None:
    """An upload in whatever state."""
    doc = reader.get("uploads", id)
    return to_upload(doc) if doc else None


def to_upload(doc: Doc) -> Upload:
    """The upload in a document."""
    refusal = Refusal(**doc["refusal"]) if doc["refusal"] else None
    return Upload(id=doc["_id"], rev=doc["rev"], refusal=refusal, **{name: doc[name] for name in _UPLOAD})


def save_upload(tx: Transaction, changed: Upload, found: str | None = None) -> None:
    """Keep an upload; `found` is the SHA-256 of its finished bytes."""
    doc = asdict(changed)
    del doc["rev"]
    tx.put("uploads", {"_id": doc.pop("id"), **doc, **({"found": found} if found else {})})


def used_bytes(reader: Reader, agency: str, cycle: str) -> int:
    """What an agency keeps and has promised in a cycle, each of its files once, whoever else has them."""
    return kept_bytes(reader, agency, cycle) + _sum(reader, "uploads", _open(agency, cycle), "$length")


def kept_bytes(reader: Reader, agency: str, cycle: str) -> int:
    """What an agency keeps in a cycle, each of its files once, whoever else has them."""
    return _sum(reader, "possessions", {"agency": agency, "cycles": cycle}, "$size")


def under_way(reader: Reader, agency: str, cycle: str) -> int:
    """How many uploads of an agency are open in a cycle."""
    return reader.count("uploads", _open(agency, cycle))


def _open(agency: str, cycle: str) -> Doc:
    return {"agency": agency, "cycle": cycle, "state": "open"}


def _sum(reader: Reader, collection: str, where: Doc, what: str) -> int:
    rows = reader.aggregate(collection, [{"$match": where}, {"$group": {"_id": None, "sum": {"$sum": what}}}])
    return int(rows[0]["sum"]) if rows else 0


def idle(reader: Reader, limit: int) -> list[str]:
    """Open uploads whose time is over, the oldest first."""
    where = {"state": "open", "expires": {"$lte": reader.now}}
    return [row["_id"] for row in reader.find("uploads", where, [("expires", 1)], limit)]


def refusals(reader: Reader, participation: str, shas: Iterable[str]) -> dict[str, str]:
    """Why uploads of files with these hashes were refused: the code by SHA-256, of the last of each."""
    where = {"participation": participation, "found": {"$in": sorted(set(shas))}, "state": "refused"}
    rows = reader.find("uploads", where, [("_id", 1)])
    return {row["found"]: row["refusal"]["code"] for row in rows}


def possession(reader: Reader, agency: str, sha256: str) -> Possession | None:
    """An agency's possession of a file."""
    doc = reader.get("possessions", f"{agency}.{sha256}")
    return _possession(doc) if doc else None


def possessions(reader: Reader, agency: str, shas: Iterable[str]) -> dict[str, Possession]:
    """Those of the files that the agency possesses, by SHA-256."""
    rows = reader.find("possessions", {"_id": {"$in": sorted({f"{agency}.{one}" for one in shas})}})
    return {row["sha256"]: _possession(row) for row in rows}


def possessed(reader: Reader, agency: str, after: str | None, limit: int) -> list[Possession]:
    """An agency's files by SHA-256, from behind `after`."""
    where: Doc = {"agency": agency, **({"sha256": {"$gt": after}} if after else {})}
    return [_possession(row) for row in reader.find("possessions", where, [("sha256", 1)], limit)]


def save_possession(tx: Transaction, of: Possession) -> None:
    """Keep a possession."""
    doc = asdict(of)
    tx.put("possessions", {"_id": f"{of.agency}.{of.sha256}", **doc, "cycles": list(of.cycles)})


def delete_possession(tx: Transaction, of: Possession) -> None:
    """Forget a possession; whether anybody else has the bytes is for the sweep to see."""
    tx.delete("possessions", f"{of.agency}.{of.sha256}")


def _possession(doc: Doc) -> Possession:
    names = {one.name for one in fields(Possession)} - {"cycles"}
    return Possession(**{name: doc[name] for name in names}, cycles=tuple(doc["cycles"]))


def blob(reader: Reader, sha256: str) -> Blob | None:
    """The stored bytes of a hash."""
    doc = reader.get("blobs", sha256)
    return Blob(doc["_id"], doc["upload"], doc["size"], doc["type"]) if doc else None


def save_blob(tx: Transaction, of: Blob) -> None:
    """Keep a blob, or touch it, so that whoever wants to delete it at the same time conflicts."""
    tx.put("blobs", {"_id": of.sha256, "upload": of.upload, "size": of.size, "type": of.type})


def delete_blob(tx: Transaction, of: Blob) -> None:
    """Forget a blob; its chunks become litter."""
    tx.delete("blobs", of.sha256)
    save_litter(tx, of.upload)


def is_possessed(reader: Reader, sha256: str) -> bool:
    """Whether any agency possesses a file."""
    return bool(reader.find("possessions", {"sha256": sha256}, limit=1, fields=["_id"]))


def unpossessed(reader: Reader, limit: int) -> list[str]:
    """Blobs that no agency possesses, as far as this look can tell."""
    join = {"from": "possessions", "localField": "_id", "foreignField": "sha256", "as": "by"}
    rows = reader.aggregate("blobs", [{"$lookup": join}, {"$match": {"by": []}}, {"$limit": limit}])
    return [row["_id"] for row in rows]


def save_litter(tx: Transaction, upload: str) -> None:
    """Write down that the chunks of an upload belong to nothing any more."""
    tx.put("litter", {"_id": upload, "since": tx.now})


def litter(reader: Reader, age: timedelta, limit: int) -> list[str]:
    """Uploads whose chunks have been litter for at least so long."""
    where = {"since": {"$lte": reader.now - age}}
    return [row["_id"] for row in reader.find("litter", where, [("since", 1)], limit)]


def delete_litter(tx: Transaction, upload: str) -> None:
    """Forget that there was litter."""
    tx.delete("litter", upload)
