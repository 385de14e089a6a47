"""Documents to dataclasses and back: the one mapping of every store.

A value's `id` is the document's `_id`; tuples are arrays, nested dataclasses are embedded documents, moments stay
moments, days are texts. A document may hold more than its dataclass has (`state`, kept for an index), and fewer:
a field that it lacks keeps its default.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

from shared.storage.reader import Doc
from shared.storage.transaction import Transaction


class Entity(Protocol):
    """A dataclass with an id, whose `rev` counts its stored versions from 1."""

    @property
    def id(self) -> str: ...
    @property
    def rev(self) -> int: ...


T = TypeVar("T")
E = TypeVar("E", bound=Entity)


def to_document(value: Any, **more: Any) -> Doc:
    """The document of a dataclass, with further fields; without an `id` it has no `_id` unless `more` gives one."""
    doc: Doc = msgspec.to_builtins(value, builtin_types=(datetime, bytes))
    key = {"_id": doc.pop("id")} if "id" in doc else {}
    return {**key, **doc, **more}


def from_document(kind: type[T], doc: Mapping[str, Any]) -> T:
    """The dataclass in a document; msgspec's ValidationError when the document does not hold what it needs."""
    return msgspec.convert({**doc, "id": doc.get("_id")}, kind)


def save(tx: Transaction, collection: str, entity: E, **more: Any) -> E:
    """Put an entity, with further fields for indexes; gives it with the `rev` under which it is stored."""
    doc = tx.put(collection, to_document(entity, **more))
    return replace(entity, rev=doc["rev"])  # type: ignore[type-var]  # every Entity is a dataclass
