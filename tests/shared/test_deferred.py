"""Deferred events: none blocks another, none is lost to whoever could handle it one day, none is tried too soon."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pymongo.errors import OperationFailure

from shared.core.ids import utcnow
from shared.events import Envelope, decode, encode
from shared.events.intake import AgencySet, CycleOpened
from shared.messaging import dead_letters, deferred, inbox, operations, retries
from shared.messaging.dead_letters import dead_letter
from shared.messaging.inbox import Handler, Handlers, IncomingEvent, MissingDependency
from shared.service import Service
from shared.storage import mongo
from shared.storage.transaction import Transaction
from tests.shared.toys import BAD, TOY, agency
from tests.shared.webapp import log_lines
from tests.support.publishing import message
from tests.support.stage import LONG_AGO, Stage


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def counts(toy: Stage) -> dict[str, int]:
    return {row["_id"]: row["count"] for row in toy.db["agencies"].find()}


def rows(toy: Stage) -> dict[str, dict[str, Any]]:
    return {row["_id"]: row for row in toy.db["deferred_events"].find()}


def make_due(toy: Stage) -> None:
    toy.db["deferred_events"].update_many({}, {"$set": {"next_at": utcnow() - timedelta(seconds=1)}})


def handled(toy: Stage, handlers: Handlers, events: Sequence[Envelope]) -> list[str]:
    return list(inbox.handle(toy.store, handlers, [IncomingEvent(event) for event in events]).values())


def needs_its_name(tx: Transaction, event: AgencySet) -> None:
    """Wait for the agency that the name names."""
    if not tx.get("agencies", event.name):
        raise MissingDependency(f"agency:{event.name}")
    tx.put("agencies", {"_id": event.agency, "count": 1})
    tx.audit(f"agency:{event.agency}", "agency.counted")


def cycle(id: str, title: str = "") -> CycleOpened:
    return CycleOpened(
        cycle=id, title=title, edition="e", opens=LONG_AGO, deadline=LONG_AGO, bytes_until=LONG_AGO
    )


# what an event is not able to do to its neighbours


def test_an_event_whose_aggregates_cannot_be_named_is_deferred_while_its_neighbours_pass(toy: Stage) -> None:
    def reads(event: AgencySet) -> list[tuple[str, str]]:
        return [("agencies", {"b": event.agency}[event.agency])]

    handlers: Handlers = {AgencySet: replace(TOY.handlers[AgencySet], reads=reads)}  # type: ignore[index]
    events = [toy.envelope(f"agency:{id}", agency(id)) for id in "ab"]
    assert handled(toy, handlers, events) == ["retry", "done"]
    assert rows(toy)[events[0].key]["error"] == "KeyError: 'a'"


@pytest.mark.parametrize("problem", [ValueError("x" * 20_000_000), ValueError("half a pair: \ud83d")])
def test_an_event_is_deferred_whatever_its_error_says(toy: Stage, problem: Exception) -> None:
    def fails(tx: Transaction, event: AgencySet) -> None:
        raise problem

    event = toy.envelope("agency:a", agency("a"))
    assert handled(toy, {AgencySet: Handler(fails)}, [event]) == ["retry"]
    assert rows(toy)[event.key]["error"].startswith("ValueError: ")


@contextmanager
def locked(toy: Stage, id: str) -> Iterator[None]:
    """Somebody else's transaction holds a document while the block lasts."""
    client = toy.db.client
    with client.start_session() as session, session.start_transaction():
        client[toy.db.name]["agencies"].update_one({"_id": id}, {"$set": {"count": 5}}, session=session)
        yield
        session.abort_transaction()


def test_an_event_that_finds_its_document_locked_for_long_is_deferred_while_its_neighbours_pass(
    toy: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.consume("agency:a", agency("a"))
    monkeypatch.setattr(mongo, "COMMAND_SECONDS", 1)
    events = [toy.envelope(f"agency:{id}", agency(id)) for id in "ab"]
    with locked(toy, "a"):
        assert list(toy.consume_all(*events).values()) == ["retry", "done"]
    make_due(toy)
    assert list(toy.wake().values()) == ["done"]
    assert counts(toy) == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("body", "reason"), [(b'{"of": "tomorrow"}', "Unreadable: "), (None, "no handler for agency.set.v1")]
)
def test_a_deferred_event_that_an_upgrade_left_without_reader_or_handler_is_dead_and_blocks_nothing(
    toy: Stage, body: bytes | None, reason: str
) -> None:
    left, good = toy.envelope("agency:a", agency("a", BAD)), toy.envelope("cycle:1", cycle("1", BAD))
    toy.consume_all(left, good)
    if body:
        toy.db["deferred_events"].update_one({"_id": left.key}, {"$set": {"body": body}})
    make_due(toy)
    toy.handlers = {CycleOpened: Handler(lambda tx, event: tx.audit(f"cycle:{event.cycle}", "handled"))}
    assert toy.wake() == {good.id: "done"}
    (row,) = rows(toy).values()
    assert (row["state"], row["error"][: len(reason)]) == ("dead", reason)
    assert toy.wake() == {}


# waking


def test_what_one_worker_tries_is_left_alone_by_another_and_taken_up_when_that_one_is_gone(
    toy: Stage,
) -> None:
    events = [toy.envelope(f"agency:{id}", agency(id, "MissingDependency")) for id in "ab"]
    assert list(toy.consume_all(*events).values()) == ["waiting"] * 2
    toy.consume("agency:first", agency("first"))
    (batch,) = retries.safe_batches(retries.find_due(toy.store, toy.handlers).events)
    first = retries.start_attempt(toy.store, batch)
    assert [event.envelope.id for event in first] == [event.id for event in events]
    assert retries.find_due(toy.store, toy.handlers) == retries.Due()
    toy.db["deferred_events"].update_many(
        {}, {"$set": {"attempt_started_at": utcnow() - retries.ATTEMPT_TIME}}
    )
    assert toy.wake() == {event.id: "done" for event in events}


def test_what_came_between_two_tries_of_a_batch_wakes_the_event_that_waits_for_it(toy: Stage) -> None:
    first = toy.envelope("agency:first", agency("first"))
    came: list[dict[str, str]] = []

    def other_worker() -> None:
        came.append(inbox.handle(toy.store, TOY.handlers, [IncomingEvent(first)]))  # type: ignore[arg-type]

    def handler(tx: Transaction, event: AgencySet) -> None:
        there = tx.get("agencies", "first")
        tx.put("agencies", {"_id": "q", "count": 1})
        tx.audit("agency:q", "counted", of=tx.count("agencies", {}))
        if not came:
            thread = threading.Thread(target=other_worker)
            thread.start()
            thread.join()
        if there is None:
            raise MissingDependency("agency:first")

    toy.handlers = {AgencySet: Handler(handler)}
    event = toy.envelope("agency:q", agency("q"))
    assert toy.consume_all(event) == {event.id: "waiting"}
    assert came == [{first.key: "done"}]
    assert toy.wake() == {event.id: "done"}


def test_many_that_wait_for_one_thing_hide_nobody_who_waits_for_another(toy: Stage) -> None:
    handlers: Handlers = {AgencySet: Handler(needs_its_name)}
    never = [toy.envelope(f"agency:n{number}", agency(f"n{number}", name="never")) for number in range(400)]
    handled(toy, handlers, never)
    early = toy.envelope("agency:early", agency("early", name="late"))
    assert handled(toy, handlers, [early]) == ["waiting"]
    toy.consume("agency:late", agency("late"))
    toy.handlers = handlers
    assert toy.wake() == {early.id: "done"}


def test_an_event_is_woken_although_all_that_are_due_would_fill_the_batch(toy: Stage) -> None:
    handlers: Handlers = {AgencySet: Handler(needs_its_name)}
    never = [toy.envelope(f"agency:n{number}", agency(f"n{number}", name="never")) for number in range(100)]
    handled(toy, handlers, never)
    make_due(toy)
    early = toy.envelope("agency:early", agency("early", name="late"))
    handled(toy, handlers, [early])
    toy.consume("agency:late", agency("late"))
    toy.handlers = handlers
    outcomes = toy.wake()
    assert (len(outcomes), outcomes[early.id]) == (64, "done")


def test_an_event_is_woken_by_a_later_one_of_its_own_batch_even_when_an_earlier_one_changed_the_subject_too(
    toy: Stage,
) -> None:
    def touch(tx: Transaction, event: CycleOpened) -> None:
        tx.audit("agency:first", "touched")

    toy.handlers = {**toy.handlers, CycleOpened: Handler(touch)}
    early = toy.envelope("agency:second", agency("second", "MissingDependency"))
    batch = [toy.envelope("cycle:1", cycle("1")), early, toy.envelope("agency:first", agency("first"))]
    assert list(toy.consume_all(*batch).values()) == ["done", "waiting", "done"]
    assert toy.wake() == {early.id: "done"}


# the schedule


def test_two_workers_that_find_the_same_row_due_count_one_try(toy: Stage) -> None:
    event = toy.envelope("agency:b", agency("b", BAD))
    toy.consume_all(event)
    make_due(toy)
    first, second = (retries.find_due(toy.store, toy.handlers).events for _ in range(2))
    assert inbox.handle(toy.store, toy.handlers, first) == {event.key: "retry"}
    assert inbox.handle(toy.store, toy.handlers, second) == {event.key: "duplicate"}
    row = rows(toy)[event.key]
    assert row["attempts"] == 2
    assert row["next_at"] > utcnow() + timedelta(seconds=2)


def test_a_clock_that_was_set_back_holds_up_no_retry(toy: Stage) -> None:
    event = toy.envelope("agency:b", agency("b", BAD))
    toy.consume_all(event)
    toy.db["deferred_events"].update_one({}, {"$set": {"next_at": utcnow() + timedelta(hours=1)}})
    assert toy.wake() == {event.id: "retry"}


# what may be handled one day


def test_bytes_are_deferred_as_they_came_with_fields_that_only_a_newer_reader_knows(toy: Stage) -> None:
    event = toy.envelope("agency:b", agency("b", BAD))
    body = encode(event).replace(b'"group":', b'"since_the_next_version":1,"group":')
    inbox.handle(toy.store, toy.handlers, [IncomingEvent(decode(body), body=body)])
    assert bytes(rows(toy)[event.key]["body"]) == body


def test_an_event_that_the_broker_dead_lettered_can_be_retried(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a"))
    dead_letter(toy.store, message(event), toy.settings.amqp_users, "delivered too often")
    assert rows(toy)[event.key]["state"] == "dead"
    assert toy.wake() == {}
    assert toy.consume_all(event) == {event.id: "duplicate"}
    toy.run(operations.retry, event.key, toy.settings.amqp_users)
    assert toy.wake() == {event.id: "done"}
    assert (counts(toy), rows(toy)) == ({"a": 1}, {})


def test_an_event_that_was_handled_before_the_broker_gave_it_up_is_left_alone(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a"))
    toy.consume_all(event)
    dead_letter(toy.store, message(event), toy.settings.amqp_users, "delivered too often")
    assert rows(toy) == {}


def test_a_row_of_an_event_that_was_handled_meanwhile_goes_without_a_second_effect(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a"))
    dead_letter(toy.store, message(event), toy.settings.amqp_users, "delivered too often")
    toy.run(operations.retry, event.key, toy.settings.amqp_users)
    toy.db["inbox"].insert_one({"_id": event.key, "rev": 1})
    assert toy.wake() == {event.id: "duplicate"}
    assert (counts(toy), rows(toy)) == ({}, {})


def test_bytes_that_a_newer_version_can_read_become_an_event_when_they_are_retried(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a"))
    newer = encode(event).replace(b"agency.set.v1", b"agency.set.v9")
    dead_letter(
        toy.store, message(newer, routing_key="agency.set.v9"), toy.settings.amqp_users, "not known yet"
    )
    ((id, row),) = rows(toy).items()
    assert (id[:6], row["type"]) == ("bytes:", "unreadable")
    known = {"body": encode(event), "routing_key": event.type}
    toy.db["deferred_events"].update_one({}, {"$set": known})
    toy.run(operations.retry, id, toy.settings.amqp_users)
    assert toy.wake() == {event.id: "done"}
    assert (counts(toy), rows(toy)) == ({"a": 1}, {})


def test_garbage_larger_than_a_document_is_kept_in_part(toy: Stage) -> None:
    large = message(b"\xff" * 4096, size=17_000_000, digest="5" * 64)
    dead_letter(toy.store, large, toy.settings.amqp_users, "not JSON")
    (row,) = rows(toy).values()
    assert (row["_id"], row["size"], len(row["body"])) == (f"refused:{'5' * 64}", 17_000_000, 4096)


def refused_by_user() -> float:
    return REGISTRY.get_sample_value("nilai_messages_refused_total", {"rule": "user"}) or 0


def test_what_is_not_believed_fills_no_database(toy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "MOST_REFUSED", 2)
    users = toy.settings.amqp_users
    before = refused_by_user()
    for number in range(4):
        dead_letter(toy.store, message(b"%d" % number, user="nilai_review"), users, "")
    dead_letter(toy.store, message(b"\xff"), users, "not JSON")
    assert sorted(row["type"] for row in rows(toy).values()) == ["refused", "refused", "unreadable"]
    assert refused_by_user() == before + 4


def test_an_event_that_ended_the_process_too_often_is_dead_without_a_further_attempt(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a"))
    deferred.defer(toy.store, [IncomingEvent(event)], "delivered too often")
    most = len(deferred.RETRY_SECONDS)
    toy.db["deferred_events"].update_one({}, {"$set": {"unfinished_attempts": most + 1}})
    assert toy.wake() == {}
    row = rows(toy)[event.key]
    assert (row["state"], row["error"]) == ("dead", f"the process ended in each of {most + 1} attempts")
    assert counts(toy) == {}


def test_an_event_that_another_worker_took_since_it_was_read_is_left_to_that_one(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a"))
    deferred.defer(toy.store, [IncomingEvent(event)], "delivered too often")
    due = retries.find_due(toy.store, toy.handlers).events
    assert toy.wake() == {event.id: "done"}
    assert retries.start_attempt(toy.store, due) == []


def test_an_event_that_waits_for_long_is_named_in_the_log(toy: Stage) -> None:
    early = toy.envelope("agency:second", agency("second", "MissingDependency"))
    toy.consume_all(early)
    long_ago = {"next_at": utcnow(), "deferred_at": utcnow() - retries.ALARM_AFTER - timedelta(seconds=1)}
    toy.db["deferred_events"].update_one({}, {"$set": long_ago})
    with log_lines() as lines:
        assert toy.wake() == {early.id: "waiting"}
        (said,) = [line for line in lines() if line["message"] == "event deferred for too long"]
    assert (said["event"], said["waits_for"]) == (early.key, "agency:first")


def test_an_event_that_cannot_even_be_deferred_is_handed_back(toy: Stage) -> None:
    event = toy.envelope("agency:a", agency("a", BAD))
    with pytest.raises(OperationFailure, match="BSONObjectTooLarge"):
        inbox.handle(toy.store, toy.handlers, [IncomingEvent(event, body=b"x" * 17_000_000)])
    assert toy.state() == {}
