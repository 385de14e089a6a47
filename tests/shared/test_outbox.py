"""The outbox: what is in it reaches the broker, whatever the broker does, and is never called published before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from kombu import Queue

from deploy.local.servers import Servers
from shared.core.ids import first_id, new_id, utcnow
from shared.events import decode
from shared.events.review import AssessorSet, TaskReleased
from shared.messaging import broker, outbox
from shared.messaging.broker import OutgoingEvent, Publisher, connection
from shared.messaging.broker import publisher as broker_publisher
from shared.service import Service
from shared.storage.leases import Lease
from shared.storage.transaction import Transaction
from tests.shared.toys import TOY
from tests.shared.webapp import log_lines
from tests.support.proxy import Proxy
from tests.support.stage import LONG_AGO, Stage
from tests.waiting import until

HEARTBEAT = bytes([8, 0, 0, 0, 0, 0, 0, 0xCE])


@pytest.fixture
def toy(stage: Callable[[Service], Stage], queues: str) -> Stage:
    return stage(TOY)


@pytest.fixture
def publisher(servers: Servers, queues: str) -> Iterator[Publisher]:
    publisher = Publisher(user_of(servers, "review"), queues)
    yield publisher
    publisher.close()


@pytest.fixture
def proxy(servers: Servers) -> Iterator[Proxy]:
    proxy = Proxy(urlsplit(servers.amqp_admin_uri).port or 0, HEARTBEAT)
    yield proxy
    proxy.close()


@pytest.fixture
def through(servers: Servers, proxy: Proxy, queues: str) -> Iterator[Publisher]:
    """A publisher whose connection goes through the proxy."""
    parts = urlsplit(servers.amqp_admin_uri)
    uri = user_of(servers, "review").replace(f":{parts.port}", f":{proxy.port}")
    publisher = Publisher(uri, queues)
    yield publisher
    publisher.close()


def events(number: int) -> list[OutgoingEvent]:
    return [OutgoingEvent(new_id(), "assessor.set.v1", b"{}") for _ in range(number)]


@pytest.fixture
def full(servers: Servers, queues: str) -> Iterator[Publisher]:
    """A publisher to a queue that takes no more: how many it takes before it says so is the broker's affair."""
    with broker.connect(servers.amqp_admin_uri) as connection:
        small = {"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length": 1}
        queue = Queue(f"{queues}small", durable=True, queue_arguments=small)(connection.channel())
        queue.declare()
        queue.bind_to(broker.replay_exchange(queues, "notify"), routing_key="assessor.set.v1")
        publisher = Publisher(user_of(servers, "review"), queues)
        try:
            until(lambda: publisher.publish(events(20), replay_to="notify").refused)
            yield publisher
        finally:
            publisher.close()
            queue.delete()


def register(tx: Transaction, *names: str) -> None:
    for name in names:
        tx.emit(f"assessor:{name}", AssessorSet(assessor=name, issuer="toy", subject=name, since=LONG_AGO))
        tx.audit(f"assessor:{name}", "assessor.set")


def rows(toy: Stage, **where: Any) -> int:
    return toy.db["outbox"].count_documents(where)


def user_of(servers: Servers, service: str) -> str:
    return servers.service_env(service)["AMQP_URI"]


def bodies(servers: Servers, queue: Queue) -> list[str]:
    events: list[object] = []
    broker.drain(servers.amqp_admin_uri, queue, lambda came: events.append(decode(came.body).event))
    return [event.assessor for event in events if isinstance(event, AssessorSet)]


def test_the_outbox_is_published_in_order_and_kept_as_the_journal(
    toy: Stage, publisher: Publisher, servers: Servers, queues: str
) -> None:
    names = [f"n{number}" for number in range(300)]
    for start in range(0, 300, 50):
        toy.run(register, *names[start : start + 50])
    relay = toy.relay(publisher)
    assert [relay.turn(), relay.turn(), relay.turn()] == [256, 44, 0]
    assert (rows(toy, pending=True), rows(toy)) == (0, 300)
    assert bodies(servers, broker.queue(queues, "scoring")) == names


def test_a_confirm_that_comes_too_late_is_credited_to_nobody(
    toy: Stage, through: Publisher, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = toy.relay(through)
    toy.run(register, "warm")
    assert relay.turn() == 1
    monkeypatch.setattr(broker_publisher, "CONFIRM_SECONDS", 0.3)
    toy.run(register, "first")
    proxy.let_through.clear()
    with pytest.raises(TimeoutError):
        relay.turn()
    assert rows(toy, pending=True) == 1
    proxy.let_through.set()
    monkeypatch.undo()
    toy.run(register, "second")
    assert relay.turn() == 2
    assert rows(toy, pending=True) == 0


def test_a_broker_that_lives_and_confirms_nothing_is_not_waited_for_longer_than_another(
    toy: Stage, through: Publisher, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_publisher, "CONFIRM_SECONDS", 1.5)
    through.publish(events(1))
    proxy.let_through.clear()
    stop_waiting = threading.Timer(10, proxy.cut)
    stop_waiting.start()
    with pytest.raises(TimeoutError, match="not confirmed"):
        through.publish(events(1))
    stop_waiting.cancel()


def test_a_connection_cut_while_publishing_leaves_the_rows_unpublished_and_they_are_published_again(
    toy: Stage, through: Publisher, proxy: Proxy
) -> None:
    relay = toy.relay(through)
    toy.run(register, "warm")
    assert relay.turn() == 1
    toy.run(register, *[f"n{number}" for number in range(200)])
    proxy.let_through.clear()
    threading.Timer(0.2, proxy.cut).start()
    with pytest.raises(broker.ERRORS):
        relay.turn()
    proxy.let_through.set()
    assert rows(toy, pending=True) == 200
    assert relay.turn() == 200


def test_an_event_that_a_full_queue_refuses_stays_unpublished(full: Publisher) -> None:
    result = full.publish(events(200), replay_to="notify")
    assert (len(result.refused), result.confirmed) == (200, frozenset())


def test_an_event_without_a_queue_is_unroutable(servers: Servers, publisher: Publisher) -> None:
    result = publisher.publish(
        [OutgoingEvent("a", "nobody.consumes.v1", b"{}"), OutgoingEvent("b", "assessor.set.v1", b"{}")]
    )
    assert (result.unroutable, result.confirmed) == (frozenset("a"), frozenset("b"))


def test_a_type_that_nobody_takes_is_paused_and_holds_up_no_other(
    toy: Stage, publisher: Publisher, servers: Servers, queues: str
) -> None:
    def assign(tx: Transaction) -> None:
        tx.emit(
            "task:t",
            TaskReleased(task="t", case="c", agency="a", stage="document", assessor="x", reason="expired"),
        )
        tx.audit("task:t", "assessor.set")

    with broker.connect(servers.amqp_admin_uri) as connection:
        for service in ("scoring", "notify"):
            bound = broker.queue(queues, service)(connection.channel())
            bound.unbind_from(broker.exchange(queues), routing_key="assessor.set.v1")
    relay = toy.relay(publisher)
    toy.run(register, *[f"n{number}" for number in range(broker.WINDOW + 10)])
    toy.run(assign)
    with log_lines() as lines:
        assert [relay.turn(), relay.turn(), relay.turn()] == [0, 1, 0]
        (said,) = [line for line in lines() if line["level"] == "error"]
    assert (said["count"], said["reason"]) == (broker.WINDOW, "no queue is bound to it")
    assert rows(toy, pending=True) == broker.WINDOW + 10
    broker.declare(servers.amqp_admin_uri, queues)
    fresh = toy.relay(publisher)
    assert [fresh.turn(), fresh.turn()] == [broker.WINDOW, 10]


def test_events_of_one_subject_are_published_in_their_sequence_though_the_first_was_asked_for_last(
    toy: Stage, publisher: Publisher, servers: Servers, queues: str
) -> None:
    def set_to(tx: Transaction, name: str) -> None:
        tx.emit("assessor:one", AssessorSet(assessor=name, issuer="toy", subject=name, since=LONG_AGO))
        tx.audit("assessor:one", "assessor.set")

    toy.run(set_to, "first", at=utcnow())
    toy.run(set_to, "second", at=utcnow() - timedelta(seconds=10))
    assert toy.relay(publisher).turn() == 2
    assert bodies(servers, broker.queue(queues, "scoring")) == ["first", "second"]


def test_of_two_relays_one_works(toy: Stage) -> None:
    first, second = Lease(toy.store, "relay", 30), Lease(toy.store, "relay", 30)
    assert (first.acquire(), second.acquire(), first.acquire()) == (True, False, True)
    first.release()
    assert second.acquire()


def test_a_lease_that_ran_out_goes_to_whoever_asks(toy: Stage) -> None:
    first, second = Lease(toy.store, "relay", -1), Lease(toy.store, "relay", 30)
    assert first.acquire()
    assert second.acquire()
    assert not Lease(toy.store, "relay", 30).acquire()


def test_a_lease_given_by_a_clock_that_was_set_back_since_goes_to_whoever_asks(toy: Stage) -> None:
    ahead, second = Lease(toy.store, "relay", 3600), Lease(toy.store, "relay", 30)
    assert ahead.acquire()
    assert second.acquire()
    assert not Lease(toy.store, "relay", 30).acquire()


def test_retention_forgets_old_published_rows_only(toy: Stage) -> None:
    today, while_ago, long_ago = (utcnow() - timedelta(days=days) for days in (0, 11, 21))
    old, very_old, behind, now = first_id(while_ago), first_id(long_ago), first_id(LONG_AGO), new_id()
    made = [
        {"_id": old, "published_at": while_ago, "subject": "s", "sequence": 1},
        {"_id": very_old, "pending": True, "subject": "s", "sequence": 2},
        {"_id": now, "published_at": today, "subject": "s", "sequence": 3},
        {"_id": behind, "published_at": today, "subject": "s", "sequence": 4},
    ]
    toy.db["outbox"].insert_many(made)
    consumed = [
        {"_id": old, "at": while_ago},
        {"_id": very_old, "at": long_ago},
        {"_id": behind, "at": today},
    ]
    toy.db["inbox"].insert_many(consumed)
    assert outbox.purge(toy.store, 10) == 1
    assert {row["_id"] for row in toy.db["outbox"].find()} == {very_old, now, behind}
    assert {row["_id"] for row in toy.db["inbox"].find()} == {old, behind}


def test_retention_keeps_the_newest_state_of_each_subject_however_old_it_is(toy: Stage) -> None:
    long_ago, numbers = utcnow() - timedelta(days=500), count()

    def row(subject: str, type: str, sequence: int, **more: Any) -> dict[str, Any]:
        id = first_id(long_ago)
        published = {"published_at": long_ago} | more
        return {
            "_id": f"{id[:-4]}{next(numbers):04}",
            "subject": subject,
            "type": type,
            "sequence": sequence,
        } | published

    made = [
        row("person:a", "member.set.v1", 1),
        row("person:a", "member.set.v1", 2),
        row("participation:b", "participation.set.v1", 1),
        row("participation:b", "submission.sealed.v1", 2),
        row("agency:c", "agency.set.v1", 1),
    ]
    newer = {"_id": new_id(), "subject": "agency:c", "type": "agency.set.v1", "sequence": 2, "pending": True}
    toy.db["outbox"].insert_many([*made, newer])
    assert outbox.purge(toy.store, 10) == 3
    left = {(row["subject"], row["type"], row["sequence"]) for row in toy.db["outbox"].find()}
    assert left == {
        ("person:a", "member.set.v1", 2),
        ("participation:b", "participation.set.v1", 1),
        ("agency:c", "agency.set.v1", 2),
    }


@contextmanager
def publishing(relay: outbox.Relay) -> Iterator[threading.Event]:
    """A relay at work while the block lasts; gives the event by which it is woken."""
    stop, emitted = threading.Event(), threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop, emitted))
    thread.start()
    try:
        yield emitted
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def test_a_relay_publishes_what_comes_while_it_runs_and_another_takes_over_when_it_ends(
    toy: Stage, publisher: Publisher, servers: Servers, queues: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "OTHERS_TURN_SECONDS", 0.05)
    monkeypatch.setattr(outbox, "RENEW_SECONDS", 0.0)
    second = Publisher(user_of(servers, "review"), queues)
    with publishing(toy.relay(second)):
        with publishing(toy.relay(publisher)) as emitted:
            for number in range(3):
                toy.run(register, f"n{number}")
                emitted.set()
                until(lambda: rows(toy, pending=True) == 0)
        toy.run(register, "last")
        until(lambda: rows(toy, pending=True) == 0)
    assert bodies(servers, broker.queue(queues, "scoring")) == ["n0", "n1", "n2", "last"]


def test_a_relay_outlives_a_broker_that_goes_away(
    toy: Stage, through: Publisher, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0.1)
    with log_lines() as lines, publishing(toy.relay(through)):
        toy.run(register, "first")
        until(lambda: rows(toy, pending=True) == 0)
        proxy.let_through.clear()
        toy.run(register, "second")
        proxy.cut()
        until(lambda: "publishing failed" in [line["message"] for line in lines()])
        proxy.let_through.set()
        until(lambda: rows(toy, pending=True) == 0)


def test_a_fault_that_is_no_outage_ends_the_relay(toy: Stage, publisher: Publisher) -> None:
    toy.db["outbox"].insert_one({"_id": "x", "pending": True, "at": LONG_AGO, "subject": "s", "sequence": 1})
    with pytest.raises(KeyError, match="body"):
        toy.relay(publisher).run(threading.Event(), threading.Event())


def test_a_broker_without_the_exchange_refuses_every_type_by_itself(toy: Stage, servers: Servers) -> None:
    def release(tx: Transaction) -> None:
        released = TaskReleased(task="t", case="c", agency="a", stage="s", assessor="x", reason="expired")
        tx.emit("task:t", released)
        tx.audit("task:t", "task.released")

    toy.run(register, "n")
    toy.run(release)
    nowhere = Publisher(servers.amqp_admin_uri, "nobody-made-this.")
    with log_lines() as lines:
        assert toy.relay(nowhere).turn() == 0
        said = [line["type"] for line in lines() if line["message"] == "event type not allowed"]
    nowhere.close()
    assert said == ["assessor.set.v1", "task.released.v1"]
    assert rows(toy, pending=True) == 2


def test_a_window_holds_no_more_bytes_than_it_may(
    toy: Stage, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "WINDOW_BYTES", 1)
    toy.run(register, "a", "b")
    relay = toy.relay(publisher)
    assert [relay.turn(), relay.turn(), relay.turn()] == [1, 1, 0]


def test_a_publisher_whose_idle_connection_was_cut_says_so_and_connects_again(
    through: Publisher, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT_SECONDS", 1)
    through.heartbeat()
    through.publish(events(1))
    proxy.cut()

    def fails() -> bool:
        try:
            through.heartbeat()
        except broker.ERRORS:
            return True
        return False

    until(fails)
    (event,) = events(1)
    assert through.publish([event]).confirmed == {event.id}
