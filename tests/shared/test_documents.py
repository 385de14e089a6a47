"""Documents and dataclasses: what is saved comes back as it was, from a database that holds more or less than it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from bson import Binary

from shared.service import Service
from shared.storage.documents import from_document, save, to_document
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from tests.shared.toys import TOY
from tests.support.stage import Stage

AT = datetime(2026, 3, 31, 16, 59, 59, 987_000, UTC)


@dataclass(frozen=True)
class Part:
    name: str
    weights: tuple[int, ...] = ()


@dataclass(frozen=True)
class Whole:
    id: str
    at: datetime
    day: date
    digest: bytes
    parts: tuple[Part, ...]
    best: Part | None = None
    by_name: dict[str, Part] | None = None
    note: str = "none"
    rev: int = 0


WHOLE = Whole(
    id="w",
    at=AT,
    day=date(2026, 3, 31),
    digest=b"\x00\xff",
    parts=(Part("a", (1, 2)), Part("b")),
    best=Part("a", (3,)),
    by_name={"b": Part("b")},
)


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def keep(tx: Transaction, whole: Whole, **more: Any) -> Whole:
    kept = save(tx, "agencies", whole, **more)
    tx.audit("whole:w", "kept")
    return kept


def stored(toy: Stage) -> Doc:
    (doc,) = toy.db["agencies"].find()
    return doc


def test_what_is_saved_comes_back_from_the_database_as_it_was(toy: Stage) -> None:
    kept = toy.run(keep, WHOLE)
    assert from_document(Whole, stored(toy)) == kept
    assert kept == from_document(Whole, to_document(kept))
    assert (kept.rev, kept.parts, kept.at, kept.day, kept.digest) == (
        1,
        WHOLE.parts,
        WHOLE.at,
        WHOLE.day,
        WHOLE.digest,
    )
    assert toy.run(keep, kept).rev == 2


def test_a_document_has_the_databases_own_types_where_it_has_them() -> None:
    doc = to_document(WHOLE, state="open")
    assert next(iter(doc)) == "_id"
    assert "id" not in doc
    assert (doc["_id"], doc["at"], doc["day"], doc["state"]) == ("w", AT, "2026-03-31", "open")
    assert doc["parts"] == ({"name": "a", "weights": (1, 2)}, {"name": "b", "weights": ()})


def test_what_has_no_id_of_its_own_gets_the_one_that_is_given() -> None:
    assert to_document(Part("a")) == {"name": "a", "weights": ()}
    assert to_document(Part("a"), _id="p") == {"_id": "p", "name": "a", "weights": ()}
    assert from_document(Part, {"_id": "p", "name": "a"}) == Part("a")


def test_fields_for_an_index_and_of_a_newer_version_are_not_read(toy: Stage) -> None:
    kept = toy.run(keep, WHOLE, state="open")
    doc = stored(toy)
    assert doc["state"] == "open"
    newer = {**doc, "later": 1, "parts": [{**part, "later": 1} for part in doc["parts"]]}
    assert from_document(Whole, newer) == kept


def test_a_field_that_an_older_document_lacks_keeps_its_default() -> None:
    doc = {"_id": "w", "at": AT, "day": "2026-03-31", "digest": Binary(b""), "parts": [{"name": "a"}]}
    assert from_document(Whole, doc) == Whole("w", AT, date(2026, 3, 31), b"", (Part("a"),))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"parts": [{"name": 1}]}, r"\$\.parts\[0\]\.name"),
        ({"at": 1}, r"\$\.at"),
        ({"day": "31 March"}, r"\$\.day"),
        ({"rev": "1"}, r"\$\.rev"),
        ({"_id": None}, r"\$\.id"),
        ({"best": {}}, "missing required field `name`"),
    ],
)
def test_a_document_that_does_not_hold_what_is_needed_is_refused_by_name(changes: Doc, path: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=path):
        from_document(Whole, {**to_document(WHOLE), **changes})
