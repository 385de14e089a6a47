"""What is kept beside the bytes: uploads, who owns which file, blobs, and chunks that nobody needs any more."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import IndexModel

from services.intake.domain import Blob, FileOwnership, Upload
from services.intake.domain.discarded import Orphan, Release
from services.intake.store.records import says
from shared.storage.documents import from_document, save, to_document
from shared.storage.reader import Doc, Page, Reader
from shared.storage.rights import DELETE, Right
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "uploads": (
        IndexModel([("agency", 1), ("cycle", 1), ("state", 1)]),
        IndexModel([("state", 1), ("expires", 1)]),
        IndexModel([("participation", 1), ("_id", 1)]),
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
    "orphaned_chunks": (
        IndexModel([("since", 1)]),
        IndexModel([("bytes", 1), ("writable_until", 1)]),
        IndexModel([("agency", 1), ("cycle", 1)]),
    ),
    "released_files": (
        IndexModel([("since", 1)]),
        IndexModel([("agency", 1), ("cycle", 1)]),
        IndexModel([("sha256", 1)]),
    ),
    "openings": (IndexModel([("at", 1)], expireAfterSeconds=3600),),
}
RIGHTS: Mapping[str, Right] = {
    "file_ownerships": DELETE,
    "blobs": DELETE,
    "chunks": DELETE,
    "orphaned_chunks": DELETE,
    "released_files": DELETE,
}


def save_upload(tx: Transaction, upload: Upload) -> Upload:
    """Keep an upload; gives it with its `rev`."""
    return save(tx, "uploads", upload)


def is_inspecting(reader: Reader, agency: str, hashes: Iterable[str]) -> bool:
    """Whether any of these files of an agency, or one in their place, has come and is still being inspected."""
    named = {"$in": sorted(set(hashes))}
    either = [{"content_sha256": named}, {"replaces": named}]
    return reader.count("uploads", {"agency": agency, "state": "inspecting", "$or": either}) > 0


def list_uploads(reader: Reader, participation: str, after: str | None, limit: int) -> Page[Upload]:
    """The uploads of a participation, the oldest first, from behind `after`."""
    where: Doc = {"participation": participation, **({"_id": {"$gt": after}} if after else {})}
    return reader.find_page("uploads", where, [("_id", 1)], limit).map(lambda row: from_document(Upload, row))


def get_used_bytes(reader: Reader, agency: str, cycle: str) -> int:
    """What an agency keeps and has announced in a cycle, each of its files once, and what is not deleted yet."""
    here = {"agency": agency, "cycle": cycle}
    discarded = _sum(reader, "orphaned_chunks", here, "$bytes") + _sum(
        reader, "released_files", here, "$bytes"
    )
    announced = _sum(reader, "uploads", _open(agency, cycle), "$length")
    return get_kept_bytes(reader, agency, cycle) + announced + discarded


def get_kept_bytes(reader: Reader, agency: str, cycle: str) -> int:
    """What an agency keeps in a cycle, each of its files once, whoever else has them."""
    return _sum(reader, "file_ownerships", {"agency": agency, "cycles": cycle}, "$size")


def count_open_uploads(reader: Reader, agency: str, cycle: str) -> int:
    """How many uploads of an agency are open in a cycle."""
    return reader.count("uploads", _open(agency, cycle))


def _open(agency: str, cycle: str) -> Doc:
    return {"agency": agency, "cycle": cycle, "state": {"$in": ["open", "inspecting"]}}


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


def find_inspecting(reader: Reader, participation: str, hashes: Iterable[str]) -> frozenset[str]:
    """The hashes of those files that have come and are being inspected."""
    where = {
        "participation": participation,
        "content_sha256": {"$in": sorted(set(hashes))},
        "state": "inspecting",
    }
    return frozenset(row["content_sha256"] for row in reader.find("uploads", where))


def find_ownership(reader: Reader, agency: str, sha256: str) -> FileOwnership | None:
    """An agency's ownership of a file."""
    doc = reader.get("file_ownerships", _ownership_id(agency, sha256))
    return from_document(FileOwnership, doc) if doc else None


def find_ownerships(reader: Reader, agency: str, hashes: Iterable[str]) -> dict[str, FileOwnership]:
    """Those of the files that the agency owns, by SHA-256."""
    ids = sorted({_ownership_id(agency, sha256) for sha256 in hashes})
    rows = reader.find("file_ownerships", {"_id": {"$in": ids}})
    return {row["sha256"]: from_document(FileOwnership, row) for row in rows}


def list_ownerships(reader: Reader, agency: str, after: str | None, limit: int) -> Page[FileOwnership]:
    """An agency's files by SHA-256, from behind `after`."""
    where: Doc = {"agency": agency, **({"sha256": {"$gt": after}} if after else {})}
    rows = reader.find_page("file_ownerships", where, [("sha256", 1)], limit)
    return rows.map(lambda row: from_document(FileOwnership, row))


def list_files_named(
    reader: Reader, agency: str, cycle: str, words: Sequence[str], most: int
) -> list[FileOwnership]:
    """The files that an agency sent in a cycle and whose name says every word, by SHA-256."""
    where = {"agency": agency, "cycles": cycle, **says(words, "name")}
    rows = reader.find("file_ownerships", where, [("sha256", 1)], most)
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


def is_wanted(reader: Reader, sha256: str) -> bool:
    """Whether any agency owns a file, or may take back that it unlinked it."""
    named = {"sha256": sha256}
    return any(
        reader.find(where, named, limit=1, fields=["_id"]) for where in ("file_ownerships", "released_files")
    )


def list_unowned_blobs(reader: Reader, limit: int) -> list[str]:
    """The hashes of blobs that no agency owns, as far as this one reading can tell."""
    join = {"from": "file_ownerships", "localField": "_id", "foreignField": "sha256", "as": "owners"}
    rows = reader.aggregate("blobs", [{"$lookup": join}, {"$match": {"owners": []}}, {"$limit": limit}])
    return [row["_id"] for row in rows]


def save_orphan(tx: Transaction, orphan: Orphan) -> None:
    """Write down that the chunks of an upload belong to nothing any more."""
    save(tx, "orphaned_chunks", orphan)


def find_orphan(reader: Reader, id: str) -> Orphan | None:
    """What is known of the orphaned chunks of an upload."""
    doc = reader.get("orphaned_chunks", id)
    return from_document(Orphan, doc) if doc else None


def list_counted_orphans(reader: Reader, limit: int) -> list[str]:
    """Uploads whose orphaned chunks still count, and to which nobody can be writing."""
    where = {"bytes": {"$gt": 0}, "writable_until": {"$lte": reader.now}}
    return [row["_id"] for row in reader.find("orphaned_chunks", where, limit=limit, fields=["_id"])]


def list_orphans(reader: Reader, age: timedelta, limit: int) -> list[str]:
    """Uploads whose chunks have been orphans for at least so long."""
    where = {"since": {"$lte": reader.now - age}}
    return [row["_id"] for row in reader.find("orphaned_chunks", where, [("since", 1)], limit)]


def delete_orphan(tx: Transaction, upload: str) -> None:
    """Forget that the chunks of an upload were orphans."""
    tx.delete("orphaned_chunks", upload)


def save_release(tx: Transaction, release: Release) -> None:
    """Write down that an agency has unlinked a file."""
    save(tx, "released_files", release)


def find_release(reader: Reader, id: str) -> Release | None:
    """What is known of a file that was unlinked."""
    doc = reader.get("released_files", id)
    return from_document(Release, doc) if doc else None


def list_releases(reader: Reader, age: timedelta, limit: int) -> list[str]:
    """The files that were unlinked at least so long ago, the oldest first."""
    where = {"since": {"$lte": reader.now - age}}
    return [row["_id"] for row in reader.find("released_files", where, [("since", 1)], limit, ["_id"])]


def list_releases_of(reader: Reader, agency: str, limit: int) -> list[str]:
    """The files that an agency has unlinked, the oldest first."""
    rows = reader.find("released_files", {"agency": agency}, [("since", 1)], limit, ["_id"])
    return [row["_id"] for row in rows]


def delete_release(tx: Transaction, id: str) -> None:
    """Forget that a file was unlinked."""
    tx.delete("released_files", id)


def find_opening(reader: Reader, id: str) -> datetime | None:
    """When an opening of a file was written down."""
    row = reader.get("openings", id)
    return row["at"] if row else None


def save_opening(tx: Transaction, id: str) -> None:
    """Write down when a file was opened, so that its further ranges are none."""
    tx.put("openings", {"_id": id, "at": tx.now})
