"""Indices of other ministries, each with its earlier versions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import IndexModel

from services.intake.domain.indices import ExternalIndex, IndexFilter
from shared.storage import documents
from shared.storage.documents import from_document, to_document
from shared.storage.reader import Page, Reader
from shared.storage.rights import APPEND, Right
from shared.storage.transaction import Transaction

NAME = "external_indices"
VERSIONS = "external_index_versions"
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    NAME: (IndexModel([("agency", 1), ("_id", 1)]), IndexModel([("source", 1), ("_id", 1)])),
    VERSIONS: (IndexModel([("index_id", 1), ("rev", 1)], unique=True),),
}
RIGHTS: Mapping[str, Right] = {VERSIONS: APPEND}


def find_index(reader: Reader, id: str) -> ExternalIndex | None:
    """The index of an agency and a year, or None."""
    row = reader.get(NAME, id)
    return from_document(ExternalIndex, row) if row else None


def load_indices(tx: Transaction, ids: Iterable[str]) -> dict[str, ExternalIndex]:
    """Those of the indices that there are, by id; these and their heads are read by one query each."""
    wanted = list(ids)
    tx.load(NAME, wanted)
    tx.load("heads", [f"external_index:{id}" for id in wanted])
    return {id: found for id in wanted if (found := find_index(tx, id))}


def save_index(tx: Transaction, index: ExternalIndex) -> ExternalIndex:
    """Keep an index, and this version of it for ever."""
    saved = documents.save(tx, NAME, index)
    row = to_document(saved)
    tx.append(VERSIONS, {**row, "_id": f"{saved.id}.{saved.rev}", "index_id": saved.id})
    return saved


def list_versions(reader: Reader, id: str, below: int | None, limit: int) -> Page[ExternalIndex]:
    """The versions of an index below one of them (None: all), the newest first."""
    where: dict[str, Any] = {"index_id": id} | ({} if below is None else {"rev": {"$lt": below}})
    rows = reader.find_page(VERSIONS, where, [("rev", -1)], limit)
    return rows.map(lambda row: _version(row, id))


def _version(row: Mapping[str, Any], id: str) -> ExternalIndex:
    kept = {name: value for name, value in row.items() if name != "index_id"}
    return from_document(ExternalIndex, {**kept, "_id": id})


def list_indices(reader: Reader, wanted: IndexFilter, after: str | None, limit: int) -> Page[ExternalIndex]:
    """The indices that are asked for, by id, after that id."""
    where: dict[str, Any] = {name: value for name, value in vars(wanted).items() if value}
    if after:
        where["_id"] = {"$gt": after}
    rows = reader.find_page(NAME, where, [("_id", 1)], limit)
    return rows.map(lambda row: from_document(ExternalIndex, row))


def list_indices_of(reader: Reader, agency: str) -> list[ExternalIndex]:
    """Every index of an agency, by id."""
    return [from_document(ExternalIndex, row) for row in reader.find(NAME, {"agency": agency}, [("_id", 1)])]
