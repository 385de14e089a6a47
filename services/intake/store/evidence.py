"""What is kept beside the bytes: uploads, who owns which file, blobs, and chunks that nobody needs any more."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from pymongo import IndexModel

from services.intake.domain import Blob, FileOwnership, Upload
from shared.storage.documents import from_document, save, to_document
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "uploads": (
        IndexModel([("agency", 1), ("cycle", 1), ("state", 1)]),
        IndexModel([("state", 1), ("expires", 1)]),
        IndexModel(
            [("participation", 1), ("content_sha256", 1)],
            partialFilterExpression={"content_sha256": {"$exists": True}},
        ),
    ),
    "file_ownerships": (
        IndexModel([("agency", 1), ("cycles", 1)]),
        IndexModel([("agency", 1), ("sha256", 1)], unique=True),
        IndexModel([("sha256", 1)]),
    ),
    "blobs": (),
    "chunks": (),
    "orphaned_chunks": (IndexModel([("since", 1)]),),
}


def save_upload(tx: Transaction, upload: Upload, content_sha256: str | None = None) -> Upload:
    """Keep an upload, with the SHA-256 of its finished bytes; gives it with its `rev`."""
    content = {"content_sha256": content_sha256} if content_sha256 else {}
    return save(tx, "uploads", upload, **content)


def get_used_bytes(reader: Reader, agency: str, cycle: str) -> int:
    """What an agency keeps and has announced in a cycle, each of its files once, whoever else has them."""
    return get_kept_bytes(reader, agency, cycle) + _sum(reader, "uploads", _open(agency, cycle), "$length")


def get_kept_bytes(reader: Reader, agency: str, cycle: str) -> int:
    """What an agency keeps in a cycle, each of its files once, whoever else has them."""
    return _sum(reader, "file_ownerships", {"agency": agency, "cycles": cycle}, "$size")


def count_open_uploads(reader: Reader, agency: str, cycle: str) -> int:
    """How many uploads of an agency are open in a cycle."""
    return reader.count("uploads", _open(agency, cycle))


def _open(agency: str, cycle: str) -> Doc:
    return {"agency": agency, "cycle": cycle, "state": "open"}


def _sum(reader: Reader, collection: str, where: Doc, what: str) -> int:
    rows = reader.aggregate(collection, [{"$match": where}, {"$group": {"_id": None, "sum": {"$sum": what}}}])
    return int(rows[0]["sum"]) if rows else 0


def list_idle_uploads(reader: Reader, limit: int) -> list[str]:
    """The ids of open uploads whose time is over, the oldest first."""
    where = {"state": "open", "expires": {"$lte": reader.now}}
    return [row["_id"] for row in reader.find("uploads", where, [("expires", 1)], limit)]


def list_refusal_codes(reader: Reader, participation: str, hashes: Iterable[str]) -> dict[str, str]:
    """Why uploads of files with these hashes were refused: the code by SHA-256, of the last of each."""
    where = {
        "participation": participation,
        "content_sha256": {"$in": sorted(set(hashes))},
        "state": "refused",
    }
    rows = reader.find("uploads", where, [("_id", 1)])
    return {row["content_sha256"]: row["refusal"]["code"] for row in rows}


def find_ownership(reader: Reader, agency: str, sha256: str) -> FileOwnership | None:
    """An agency's ownership of a file."""
    doc = reader.get("file_ownerships", _ownership_id(agency, sha256))
    return from_document(FileOwnership, doc) if doc else None


def find_ownerships(reader: Reader, agency: str, hashes: Iterable[str]) -> dict[str, FileOwnership]:
    """Those of the files that the agency owns, by SHA-256."""
    ids = sorted({_ownership_id(agency, sha256) for sha256 in hashes})
    rows = reader.find("file_ownerships", {"_id": {"$in": ids}})
    return {row["sha256"]: from_document(FileOwnership, row) for row in rows}


def list_ownerships(reader: Reader, agency: str, after: str | None, limit: int) -> list[FileOwnership]:
    """An agency's files by SHA-256, from behind `after`."""
    where: Doc = {"agency": agency, **({"sha256": {"$gt": after}} if after else {})}
    rows = reader.find("file_ownerships", where, [("sha256", 1)], limit)
    return [from_document(FileOwnership, row) for row in rows]


def save_ownership(tx: Transaction, ownership: FileOwnership) -> None:
    """Keep an ownership."""
    id = _ownership_id(ownership.agency, ownership.sha256)
    tx.put("file_ownerships", to_document(ownership, _id=id))


def delete_ownership(tx: Transaction, ownership: FileOwnership) -> None:
    """Forget an ownership; whether anybody else has the bytes is for the sweep to see."""
    tx.delete("file_ownerships", _ownership_id(ownership.agency, ownership.sha256))


def _ownership_id(agency: str, sha256: str) -> str:
    return f"{agency}.{sha256}"


def find_blob(reader: Reader, sha256: str) -> Blob | None:
    """The stored bytes of a hash."""
    doc = reader.get("blobs", sha256)
    return from_document(Blob, doc) if doc else None


def save_blob(tx: Transaction, blob: Blob) -> None:
    """Keep a blob, or touch it, so that whoever wants to delete it at the same time conflicts."""
    tx.put("blobs", to_document(blob, _id=blob.sha256))


def delete_blob(tx: Transaction, blob: Blob) -> None:
    """Forget a blob; its chunks are orphans from now on, which `add_orphan` says."""
    tx.delete("blobs", blob.sha256)


def is_owned(reader: Reader, sha256: str) -> bool:
    """Whether any agency owns a file."""
    return bool(reader.find("file_ownerships", {"sha256": sha256}, limit=1, fields=["_id"]))


def list_unowned_blobs(reader: Reader, limit: int) -> list[str]:
    """The hashes of blobs that no agency owns, as far as this one reading can tell."""
    join = {"from": "file_ownerships", "localField": "_id", "foreignField": "sha256", "as": "owners"}
    rows = reader.aggregate("blobs", [{"$lookup": join}, {"$match": {"owners": []}}, {"$limit": limit}])
    return [row["_id"] for row in rows]


def add_orphan(tx: Transaction, upload: str) -> None:
    """Write down that the chunks of an upload belong to nothing any more."""
    tx.put("orphaned_chunks", {"_id": upload, "since": tx.now})


def list_orphans(reader: Reader, age: timedelta, limit: int) -> list[str]:
    """Uploads whose chunks have been orphans for at least so long."""
    where = {"since": {"$lte": reader.now - age}}
    return [row["_id"] for row in reader.find("orphaned_chunks", where, [("since", 1)], limit)]


def delete_orphan(tx: Transaction, upload: str) -> None:
    """Forget that the chunks of an upload were orphans."""
    tx.delete("orphaned_chunks", upload)
