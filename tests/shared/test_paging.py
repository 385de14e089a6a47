"""Pages: bounded in rows and in bytes, and together the whole list, whatever its rows weigh."""

import tracemalloc
from collections.abc import Callable

import bson
import pytest

from shared.service import Service
from shared.storage.reader import MOST_BYTES, Doc, Page, Reader
from shared.storage.transaction import Transaction
from tests.shared.toys import TOY, doc
from tests.support.stage import Stage

HALF = MOST_BYTES // 2


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def pages(toy: Stage, limit: int, fields: list[str] | None = None) -> list[Page[Doc]]:
    """Every page of the toy's agencies, one after the other."""
    found: list[Page[Doc]] = []
    after = ""

    def following(reader: Reader) -> Page[Doc]:
        return reader.find_page("agencies", {"_id": {"$gt": after}}, [("_id", 1)], limit, fields)

    while not found or found[-1].more:
        found.append(toy.store.query(following))
        after = str(found[-1].rows[-1]["_id"]) if found[-1].rows else after
    return found


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [
        ([], [0]),
        ([10] * 4, [4]),
        ([10] * 5, [4, 1]),
        ([10] * 8, [4, 4]),
        ([MOST_BYTES], [1]),
        ([3 * MOST_BYTES] * 3, [1, 1, 1]),
        ([10, 3 * MOST_BYTES, 10], [1, 1, 1]),
        ([HALF] * 3, [1, 1, 1]),
        ([HALF - 100] * 5, [2, 2, 1]),
        ([HALF - 29, HALF - 29, 10, 10, 10], [2, 3]),
        ([HALF - 28, HALF - 29, 10, 10], [1, 3]),
    ],
)
def test_a_page_ends_at_its_rows_or_at_its_bytes_and_none_is_left_out(
    toy: Stage, sizes: list[int], lengths: list[int]
) -> None:
    ids = [f"{n:03}" for n in range(len(sizes))]
    if sizes:
        toy.db["agencies"].insert_many(
            {"_id": id, "name": "x" * size} for id, size in zip(ids, sizes, strict=True)
        )
    found = pages(toy, 4)
    assert [len(page.rows) for page in found] == lengths
    assert [row["_id"] for page in found for row in page.rows] == ids
    assert all(
        len(page.rows) == 1 or len(bson.encode({"rows": page.rows})) < MOST_BYTES + 200 for page in found
    )


def test_more_than_one_batch_comes_whole_and_only_the_fields_that_are_asked_for_weigh(toy: Stage) -> None:
    ids = [f"{n:03}" for n in range(90)]
    toy.db["agencies"].insert_many({"_id": id, "rev": 1, "name": "x" * 10_000} for id in ids)
    whole, short = pages(toy, 60), pages(toy, 60, ["rev"])
    assert [len(page.rows) for page in whole] == [39, 39, 12]
    assert [len(page.rows) for page in short] == [60, 30]
    assert [row for page in short for row in page.rows] == [{"_id": id, "rev": 1} for id in ids]


def test_a_page_takes_no_more_memory_than_one_batch_of_the_database_needs(toy: Stage) -> None:
    toy.db["agencies"].insert_many({"_id": f"{n:03}", "name": "x" * HALF} for n in range(100))
    tracemalloc.start()
    toy.store.query(lambda reader: reader.find_page("agencies", {}, [("_id", 1)], 100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * MOST_BYTES


def test_a_page_within_a_transaction_holds_its_own_writes(toy: Stage) -> None:
    def both(tx: Transaction) -> Page[Doc]:
        tx.put("agencies", doc(_id="new"))
        tx.audit("agency:new", "put")
        return tx.find_page("agencies", {}, [("_id", 1)], 5)

    assert [row["_id"] for row in toy.run(both).rows] == ["new"]
