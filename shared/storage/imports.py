"""Previews of imports: one of each kind for each person, the last one."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pymongo import IndexModel

from shared.core.imports import Entity, Import
from shared.storage import documents
from shared.storage.documents import from_document
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction

NAME = "imports"
INDEXES: Mapping[str, Sequence[IndexModel]] = {NAME: ()}

T = TypeVar("T", bound=Entity)


def find_import(reader: Reader, kind: type[Import[T]], id: str) -> Import[T] | None:
    """The last preview of somebody's import."""
    doc = reader.get(NAME, id)
    return from_document(kind, doc) if doc else None


def save_import(tx: Transaction, made: Import[T]) -> Import[T]:
    """Keep a preview in the place of the last one."""
    return documents.save(tx, NAME, made)
