"""The inbox: exactly one effect for each event, whatever comes twice, too early, too late, or broken."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.servers import Servers
from shared.core.ids import utcnow
from shared.events import Envelope, decode
from shared.events.intake import AgencySet, CycleOpened
from shared.events.review import AssessorSet
from shared.messaging import inbox, operations
from shared.messaging.dead_letters import dead_letter
from shared.messaging.inbox import Handler, IncomingEvent
from shared.service import Service
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from tests.shared.toys import BAD, TOY, agency
from tests.support.publishing import message
from tests.support.stage import LONG_AGO, Stage

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def counts(toy: Stage) -> dict[str, int]:
    return {row["_id"]: row["count"] for row in toy.db["agencies"].find()}


def only(toy: Stage, collection: str) -> dict[str, Any]:
    (row,) = toy.db[collection].find()
    return row


def make_due(toy: Stage) -> None:
    toy.db["deferred_events"].update_many({}, {"$set": {"next_at": utcnow() - timedelta(seconds=1)}})


def same_id(toy: Stage) -> tuple[Envelope, Envelope]:
    """An event of review and an honest one of intake, which carry one id."""
    member = AssessorSet(assessor="a", issuer="i", subject="s", since=LONG_AGO)
    taken = toy.envelope("assessor:a", member)
    return taken, toy.envelope("agency:a", agency("a"), id=taken.id)


def test_an_event_that_takes_the_id_of_another_producers_silences_nobody(toy: Stage) -> None:
    toy.handlers = {**toy.handlers, AssessorSet: Handler(lambda tx, _: tx.audit("assessor:a", "seen"))}
    taken, honest = same_id(toy)
    events = [IncomingEvent(taken), IncomingEvent(honest)]
    outcomes = inbox.handle(toy.store, toy.handlers, events)
    assert list(outcomes.values()) == ["done", "done"]
    assert toy.consume_all(honest) == {honest.id: "duplicate"}
    assert counts(toy) == {"a": 1}


def test_a_dead_event_silences_no_other_producers_event_of_its_id(toy: Stage) -> None:
    taken, honest = same_id(toy)
    dead_letter(toy.store, message(taken), toy.settings.amqp_users, "no handler")
    assert toy.consume_all(honest) == {honest.id: "done"}
    assert counts(toy) == {"a": 1}


def test_what_was_handled_or_deferred_under_its_id_alone_is_known_after_prepare(toy: Stage) -> None:
    handled, failed = (
        toy.envelope(f"agency:{id}", agency(id, group)) for id, group in (("a", "Kota"), ("b", BAD))
    )
    toy.consume_all(handled, failed)
    for collection in ("inbox", "deferred_events"):
        row = only(toy, collection)
        toy.db[collection].delete_one(row)
        toy.db[collection].insert_one({**row, "_id": row["_id"].partition("@")[0]})
    for _ in range(2):
        TOY.make_ready(toy.settings)
    assert (only(toy, "inbox")["_id"], only(toy, "deferred_events")["_id"]) == (handled.key, failed.key)
    assert toy.consume_all(handled, failed) == {handled.id: "duplicate", failed.id: "duplicate"}
    make_due(toy)
    assert toy.wake() == {failed.id: "retry"}


def test_a_handler_that_inserts_blindly_and_fails_hides_nothing_from_its_neighbours(toy: Stage) -> None:
    toy.consume("agency:x", agency("x"))
    seen = []

    def handler(tx: Transaction, event: AgencySet) -> None:
        tx.audit(f"agency:{event.agency}", "handled")
        if event.agency == "blind":
            tx.insert("agencies", {"_id": "x", "count": 99})
            raise ValueError("fails afterwards")
        seen.append((tx.get("agencies", "x") or {}).get("count"))

    toy.handlers = {AgencySet: Handler(handler)}
    events = [toy.envelope(f"agency:{id}", agency(id)) for id in ("blind", "y")]
    assert list(toy.consume_all(*events).values()) == ["retry", "done"]
    assert seen == [1]


def test_of_two_inserts_of_one_document_in_a_batch_one_is_done(toy: Stage) -> None:
    def handler(tx: Transaction, event: AgencySet) -> None:
        tx.insert("agencies", {"_id": "one", "who": event.agency})
        tx.audit(f"agency:{event.agency}", "handled")

    toy.handlers = {AgencySet: Handler(handler)}
    events = [toy.envelope(f"agency:{id}", agency(id)) for id in "ab"]
    assert list(toy.consume_all(*events).values()) == ["done", "retry"]
    assert [row["who"] for row in toy.db["agencies"].find()] == ["a"]


def test_one_event_has_one_effect_however_often_it_comes(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a"))
    assert toy.consume_all(event, event) == {event.id: "done"}
    assert toy.consume_all(event) == {event.id: "duplicate"}
    assert counts(toy) == {"a": 1}
    assert len(toy.published(AssessorSet)) == 1


def test_one_event_consumed_in_parallel_has_one_effect(toy: Stage) -> None:
    events = [toy.envelope("agency:a", agency("a")) for _ in range(5)]
    threads = [threading.Thread(target=toy.consume_all, args=events) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts(toy) == {"a": 5}
    assert len(toy.published(AssessorSet)) == 5
    assert toy.db["inbox"].count_documents({}) == 5


def test_what_is_emitted_points_back_at_what_was_consumed(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a"), correlation="journey-7", trace=TRACE)
    toy.consume_all(event)
    published = decode(bytes(only(toy, "outbox")["body"]))
    assert (published.correlation, published.causation) == ("journey-7", event.id)
    assert published.trace is not None
    assert published.trace.split("-")[1] == TRACE.split("-")[1]
    assert published.trace != TRACE


def test_a_poison_event_is_deferred_with_its_reason_while_its_neighbours_pass(toy: Stage) -> None:
    events = [
        toy.envelope(f"agency:{id}", agency(id, group)) for id, group in [("a", ""), ("b", BAD), ("c", "")]
    ]
    assert list(toy.consume_all(*events).values()) == ["done", "retry", "done"]
    assert counts(toy) == {"a": 1, "c": 1}
    row = only(toy, "deferred_events")
    assert (row["error"], row["attempts"]) == ("ValueError: this event cannot be handled", 1)
    assert "on_agency" in row["trace"]
    assert [event.assessor for event in toy.published(AssessorSet)] == ["a", "c"]


def test_a_handler_that_fails_after_its_writes_have_left_leaves_no_trace(toy: Stage) -> None:
    bad = CycleOpened(
        cycle="2026", title=BAD, edition="e", opens=LONG_AGO, deadline=LONG_AGO, bytes_until=LONG_AGO
    )
    events = [toy.envelope("agency:a", agency("a")), toy.envelope("cycle:2026", bad)]
    assert list(toy.consume_all(*events).values()) == ["done", "retry"]
    assert counts(toy) == {"a": 1}
    assert toy.audited("cycle:2026") == []


def test_an_event_is_dead_after_its_last_attempt_and_a_retry_has_its_effect(toy: Stage) -> None:
    event = toy.envelope("agency:b", agency("b", BAD))
    outcomes = [toy.consume_all(event)[event.id]]
    while outcomes[-1] == "retry":
        make_due(toy)
        outcomes.append(toy.wake()[event.id])
    assert outcomes == ["retry"] * 5 + ["dead"]
    make_due(toy)
    assert toy.wake() == {}
    toy.run(operations.retry, event.key, toy.settings.amqp_users)
    toy.db["deferred_events"].update_one({}, {"$set": {"body": _healed(toy)}})
    assert toy.wake() == {event.id: "done"}
    assert counts(toy) == {"b": 1}
    assert toy.db["deferred_events"].count_documents({}) == 0
    assert toy.audited("agency:b") == ["deferred.retried", "agency.counted"]


def _healed(toy: Stage) -> bytes:
    return bytes(only(toy, "deferred_events")["body"]).replace(b'"group":"bad"', b'"group":"Kota"')


def test_a_dropped_event_is_not_handled_when_it_comes_again(toy: Stage) -> None:
    event = toy.envelope("agency:b", agency("b", BAD))
    toy.consume_all(event)
    toy.run(operations.drop, event.key, "a test")
    assert toy.consume_all(event) == {event.id: "duplicate"}
    assert counts(toy) == {}


def test_an_early_event_waits_and_is_woken_by_what_it_waited_for(toy: Stage) -> None:
    early = toy.envelope("agency:second", agency("second", "MissingDependency"))
    assert toy.consume_all(early) == {early.id: "waiting"}
    assert toy.wake() == {}
    toy.consume("agency:first", agency("first"))
    assert toy.wake() == {early.id: "done"}
    assert counts(toy) == {"first": 1, "second": 1}


def test_an_early_event_that_comes_again_still_waits_once(toy: Stage) -> None:
    early = toy.envelope("agency:second", agency("second", "MissingDependency"))
    toy.consume_all(early)
    assert toy.consume_all(early) == {early.id: "duplicate"}
    assert only(toy, "deferred_events")["attempts"] == 0


def test_an_event_that_waits_is_looked_at_again_without_counting_an_attempt(toy: Stage) -> None:
    early = toy.envelope("agency:second", agency("second", "MissingDependency"))
    toy.consume_all(early)
    make_due(toy)
    assert toy.wake() == {early.id: "waiting"}
    row = only(toy, "deferred_events")
    assert row["attempts"] == 0
    assert row["next_at"] > utcnow()


def test_a_superseded_event_is_remembered_and_changes_nothing(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a", "Superseded"))
    assert toy.consume_all(event) == {event.id: "superseded"}
    assert toy.consume_all(event) == {event.id: "duplicate"}
    assert counts(toy) == {}
    assert only(toy, "inbox")["note"] == "known already"


def test_a_batch_reads_the_aggregates_of_all_its_events_by_one_query_each(
    toy: Stage, servers: Servers
) -> None:
    def reads(number: int) -> int:
        before = _finds(toy, servers)
        toy.consume_all(
            *[toy.envelope(f"agency:{number}-{id}", agency(f"{number}-{id}")) for id in range(number)]
        )
        return _finds(toy, servers) - before

    assert reads(1) == reads(40)


def _finds(toy: Stage, servers: Servers) -> int:
    name = toy.db.name
    with MongoClient[Doc](servers.mongo_admin_uri) as client:
        status = client.admin.command("serverStatus")
        top = client.admin.command("top")["totals"]
    assert status["ok"]
    return sum(row["queries"]["count"] for space, row in top.items() if space.startswith(f"{name}."))
