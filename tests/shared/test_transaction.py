"""The unit of work: what it reads, buffers, takes back, and what two of them may do to each other."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from deploy.local.servers import Servers
from shared.core.errors import Conflict, TryLater
from shared.core.ids import new_id
from shared.events.review import AssessorSet
from shared.service import Service
from shared.storage import mongo
from shared.storage.mongo import Store
from shared.storage.transaction import Transaction
from tests.shared.toys import SOMEBODY, TOY, agency, doc
from tests.support.proxy import Proxy
from tests.support.stage import LONG_AGO, Stage


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def put(tx: Transaction, **fields: object) -> None:
    tx.put("agencies", doc(**fields))
    tx.audit("agency:one", "put")


def test_ids_of_version_7_sort_by_time_and_never_repeat() -> None:
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert {(one[12], one[16] in "89ab", len(one)) for one in ids} == {("7", True, 32)}
    assert ids == sorted(ids)


def test_state_event_and_audit_entry_are_committed_together(toy: Stage) -> None:
    def command(tx: Transaction) -> None:
        put(tx, count=1)
        tx.emit("agency:one", AssessorSet(assessor="a", issuer="i", subject="s", since=LONG_AGO))

    toy.run(command, caller=SOMEBODY)
    assert toy.state() == {"agencies": 1, "audit": 1, "heads": 1, "outbox": 1}
    assert toy.published(AssessorSet) == [AssessorSet(assessor="a", issuer="i", subject="s", since=LONG_AGO)]
    assert toy.db["audit"].find_one({})["actor"] == "p-somebody"  # type: ignore[index]  # it is there


def test_a_command_that_raises_leaves_nothing(toy: Stage) -> None:
    def command(tx: Transaction) -> None:
        put(tx, count=1)
        tx.find("agencies", {})
        raise Conflict("no")

    with pytest.raises(Conflict):
        toy.run(command)
    assert toy.state() == {}


def test_a_change_without_an_audit_entry_is_refused(toy: Stage) -> None:
    with pytest.raises(TypeError, match="without an audit entry"):
        toy.run(lambda tx: tx.put("agencies", doc()))
    assert toy.state() == {}


def test_a_service_may_publish_only_its_own_events(toy: Stage) -> None:
    with pytest.raises(TypeError, match=r"review may not publish agency\.set"):
        toy.run(lambda tx: tx.emit("agency:one", agency("one")))


def test_later_reads_see_earlier_writes_by_id_and_by_query(toy: Stage) -> None:
    def command(tx: Transaction) -> tuple[object, object, int]:
        put(tx, count=1)
        by_id = tx.get("agencies", "one")
        by_query = tx.find("agencies", {"count": 1})
        put(tx, count=2)
        return by_id and by_id["count"], by_query[0]["count"], tx.count("agencies", {"count": 2})

    assert toy.run(command) == (1, 1, 1)
    assert toy.db["agencies"].find_one() == {"_id": "one", "count": 2, "rev": 2}


def test_an_aggregation_sees_earlier_writes_and_a_part_of_a_document_is_not_taken_for_all_of_it(
    toy: Stage,
) -> None:
    def command(tx: Transaction) -> tuple[object, object, object]:
        put(tx, count=1, name="a")
        sums = tx.aggregate("agencies", [{"$group": {"_id": None, "sum": {"$sum": "$count"}}}])
        tx.find("agencies", {"name": "a"}, fields=["count"])
        whole = tx.get("agencies", "one")
        return sums[0]["sum"], whole and whole["name"], tx.sequence

    assert toy.run(command) == (1, "a", 0)


def test_revisions_and_sequences_count_without_gaps(toy: Stage) -> None:
    def command(tx: Transaction) -> None:
        put(tx)
        tx.emit("agency:one", AssessorSet(assessor="a", issuer="i", subject="s", since=LONG_AGO))
        tx.emit("agency:one", AssessorSet(assessor="b", issuer="i", subject="s", since=LONG_AGO))

    toy.run(command)
    toy.run(command)
    assert [row["sequence"] for row in toy.db["outbox"].find().sort("sequence", 1)] == [1, 2, 3, 4]
    head = toy.db["heads"].find_one({"_id": "agency:one"})
    assert head is not None
    assert (head["event_seq"], head["audit_seq"], head["rev"]) == (4, 2, 2)


def test_a_deleted_document_is_gone_and_may_come_again(toy: Stage) -> None:
    toy.run(put, count=1)

    def delete(tx: Transaction) -> None:
        tx.delete("agencies", "one")
        tx.audit("agency:one", "deleted")
        assert tx.get("agencies", "one") is None

    toy.run(delete)
    assert toy.db["agencies"].count_documents({}) == 0
    toy.run(put, count=2)
    assert toy.db["agencies"].find_one() == {"_id": "one", "count": 2, "rev": 1}


def test_the_time_and_the_ids_stay_the_same_when_the_command_runs_again(toy: Stage) -> None:
    toy.run(put, count=0)
    at = datetime(2026, 7, 1, tzinfo=UTC)
    seen: list[tuple[datetime, str]] = []

    def command(tx: Transaction) -> None:
        found = tx.get("agencies", "one")
        seen.append((tx.now, tx.new_id()))
        if len(seen) == 1:
            toy.run(put, count=10)
        put(tx, count=(found or {})["count"] + 1)

    toy.run(command, at=at)
    assert len(seen) > 1
    assert set(seen) == {(at, seen[0][1])}
    assert toy.db["agencies"].find_one({}, {"count": 1}) == {"_id": "one", "count": 11}


def test_concurrent_commands_on_one_subject_lose_no_update(toy: Stage) -> None:
    def add(tx: Transaction) -> None:
        found = tx.get("agencies", "one") or {"count": 0}
        put(tx, count=found["count"] + 1)

    def many() -> None:
        for _ in range(10):
            toy.run(add)

    threads = [threading.Thread(target=many) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert toy.db["agencies"].find_one({}, {"count": 1}) == {"_id": "one", "count": 60}
    assert toy.db["audit"].count_documents({}) == 60


def test_no_write_skew_below_one_head(toy: Stage) -> None:
    """A seal that reads an answer and a save that changes it cannot both succeed on the old value."""

    def save(tx: Transaction, value: int) -> None:
        tx.put("agencies", {"_id": "answer", "value": value})
        tx.audit("submission:one", "saved")

    toy.run(save, 3)
    calls = []

    def seal(tx: Transaction) -> int:
        value = int((tx.get("agencies", "answer") or {})["value"])
        calls.append(value)
        if len(calls) == 1:
            toy.run(save, 5)
        tx.put("agencies", {"_id": "seal", "value": value})
        tx.audit("submission:one", "sealed")
        return value

    assert toy.run(seal) == 5
    assert calls[0] == 3


def test_a_unique_index_makes_a_conflict_and_changes_nothing(toy: Stage) -> None:
    toy.db["agencies"].create_index("name", unique=True)
    try:
        toy.run(put, name="same")
        with pytest.raises(Conflict) as refused:
            toy.run(
                lambda tx: (tx.put("agencies", {"_id": "two", "name": "same"}), tx.audit("agency:two", "put"))
            )
        assert refused.value.cause_code == "already-exists"
        assert toy.state() == {"agencies": 1, "audit": 1, "heads": 1}
    finally:
        toy.db["agencies"].drop_index("name_1")


def test_a_commit_that_nobody_confirmed_is_not_called_undone(
    toy: Stage, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(toy.settings.mongo_uri)
    proxy = Proxy(parts.port or 0)
    uri = toy.settings.mongo_uri.replace(f":{parts.port}", f":{proxy.port}")
    store = Store(uri.replace("replicaSet=nilai", "directConnection=true"), toy.db.name, "review")
    monkeypatch.setattr(mongo, "COMMAND_SECONDS", 1.5)

    def command(tx: Transaction) -> None:
        put(tx, count=1)
        tx.flush()
        proxy.let_through.clear()

    try:
        with pytest.raises(TryLater, match="Look before you send it again") as unsure:
            store.run(command)
        assert unsure.value.cause_code == "outcome-unknown"
        assert toy.db["agencies"].count_documents({}) == 1
    finally:
        store.close()
        proxy.close()


def test_a_claim_is_won_by_one(toy: Stage) -> None:
    toy.run(put, state="open")
    won: list[str] = []

    def claim(tx: Transaction, name: str) -> None:
        found = tx.claim("agencies", {"_id": "one", "state": "open"}, {"$set": {"state": name}})
        if found is None:
            raise Conflict("taken")
        tx.audit("agency:one", "claimed", by=name)

    def try_it(name: str) -> None:
        try:
            toy.run(claim, name)
            won.append(name)
        except Conflict:
            pass

    threads = [threading.Thread(target=try_it, args=(f"n{number}",)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(won) == 1
    assert toy.db["agencies"].find_one({}, {"state": 1}) == {"_id": "one", "state": won[0]}
