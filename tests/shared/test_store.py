"""The store: which errors of the database are said in our own words, and what two preparations do to each other."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pymongo
import pytest
from pymongo.errors import ExecutionTimeout, OperationFailure, PyMongoError

from shared.core.errors import Conflict, TryLater
from shared.messaging import inbox
from shared.service import Service
from shared.storage import preparation
from shared.storage.leases import Lease
from shared.storage.mongo import COMMAND_SECONDS, Store
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction
from tests.shared.toys import TOY, agency, doc
from tests.shared.webapp import log_lines
from tests.support.stage import Stage

NOBODY_THERE = "mongodb://127.0.0.1:9/"


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


@pytest.fixture
def unreachable() -> Iterator[Store]:
    store = Store(NOBODY_THERE, "none", "review")
    yield store
    store.close()


def test_what_the_database_refuses_for_good_is_not_called_a_matter_of_time(toy: Stage) -> None:
    def wrong(reader: Reader) -> int:
        return reader.count("agencies", {"$nonsense": 1})

    with pytest.raises(OperationFailure, match="unknown top level operator"):
        toy.store.query(wrong)


def test_a_collection_that_somebody_else_has_just_made_is_no_failure_and_a_wrong_name_is_one(
    toy: Stage,
) -> None:
    preparation._create(toy.db, "agencies")
    with pytest.raises(OperationFailure) as refused:
        preparation._create(toy.db, "x" * 300)
    assert refused.value.code == 73


def test_a_document_that_changed_under_a_snapshot_is_never_written_over(toy: Stage) -> None:
    toy.db["agencies"].insert_one(doc(count=1, rev=1))

    def work(tx: Transaction) -> None:
        tx.put("agencies", {**(tx.get("agencies", "one") or {}), "count": 2})
        tx._stored["agencies", "one"] = 7
        tx.audit("agency:one", "put")

    with pytest.raises(RuntimeError, match="a document of agencies changed under a snapshot"):
        toy.run(work)
    assert toy.db["agencies"].find_one() == doc(count=1, rev=1)


def test_a_batch_that_finds_no_database_is_left_whole(toy: Stage, unreachable: Store) -> None:
    event = inbox.IncomingEvent(toy.envelope("agency:a", agency("a")))
    with pymongo.timeout(0.2), pytest.raises(ExecutionTimeout):
        inbox.handle(unreachable, toy.handlers, [event])


def test_a_batch_that_took_too_long_is_left_whole_only_when_nobody_gets_an_answer(
    toy: Stage, unreachable: Store
) -> None:
    slow = ExecutionTimeout("operation exceeded time limit", 50)
    assert not inbox._is_outage(toy.store, slow)
    with pymongo.timeout(0.2):
        assert inbox._is_outage(unreachable, slow)


def test_an_event_whose_failure_cannot_be_written_down_is_not_called_handled(toy: Stage) -> None:
    refuse = {"$jsonSchema": {"required": ["nobody has this"]}}
    toy.db.command("collMod", "deferred_events", validator=refuse)
    try:
        with pytest.raises(OperationFailure, match="failed validation"):
            toy.consume("agency:a", agency("a", "bad"))
    finally:
        toy.db.command("collMod", "deferred_events", validator={})
    assert toy.state() == {}


@pytest.mark.parametrize("collection", ["chores", "waiting"])
def test_a_database_of_an_older_layout_is_refused_and_left_as_it_is(toy: Stage, collection: str) -> None:
    toy.db.create_collection(collection)
    try:
        before = sorted(toy.db.list_collection_names())
        with pytest.raises(Conflict, match=f"made by Nilai 0.1 .it has {collection}.*MONGO_DATABASE"):
            preparation.prepare(toy.db, TOY.indexes)
        assert sorted(toy.db.list_collection_names()) == before
    finally:
        toy.db.drop_collection(collection)


def test_what_finds_no_database_may_be_asked_again(unreachable: Store) -> None:
    with pymongo.timeout(0.2), pytest.raises(TryLater, match="in a few seconds"):
        unreachable.query(lambda reader: reader.count("agencies", {}))


def test_a_lease_that_cannot_be_released_is_left_to_expire(unreachable: Store) -> None:
    with pymongo.timeout(0.2), log_lines() as lines:
        Lease(unreachable, "relay").release()
    assert [line["message"] for line in lines()] == ["lease not released, it expires"]


def test_to_prepare_again_changes_nothing(toy: Stage) -> None:
    toy.run(lambda tx: (tx.put("agencies", doc(count=1)), tx.audit("agency:one", "put")))
    before = {name: toy.db[name].index_information() for name in toy.db.list_collection_names()}
    preparation.prepare(toy.db, TOY.indexes)
    after = {name: toy.db[name].index_information() for name in toy.db.list_collection_names()}
    assert (after, toy.db["agencies"].find_one()) == (before, doc(count=1, rev=1))


def test_a_database_of_which_nobody_answers_is_not_waited_for_like_a_slow_one(unreachable: Store) -> None:
    with suppress(PyMongoError):
        unreachable.ping(0.5)
    began = time.monotonic()
    with pytest.raises(TryLater):
        unreachable.query(lambda reader: reader.get("agencies", "a"))
    with pytest.raises(TryLater):
        unreachable.run(lambda tx: tx.get("agencies", "a"))
    assert time.monotonic() - began < COMMAND_SECONDS
