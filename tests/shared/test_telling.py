"""Telling: what is in the outbox reaches the broker, whatever the broker does, and is never called told before."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from kombu import Queue

from deploy.local.servers import Servers
from shared.core.errors import TryLater
from shared.core.ids import first_id, new_id, utcnow
from shared.events import decode
from shared.events.review import AssessorSet, TaskReleased
from shared.messaging import broker, outbox, topology
from shared.messaging.broker import Outgoing, Publisher
from shared.service import Service
from shared.storage.leases import Lease
from shared.storage.transaction import Transaction
from tests.shared.proxy import Proxy
from tests.shared.toys import TOY
from tests.shared.webapp import log_lines
from tests.support.stage import LONG_AGO, Stage
from tests.waiting import until

HEARTBEAT = bytes([8, 0, 0, 0, 0, 0, 0, 0xCE])


@pytest.fixture
def toy(stage: Callable[[Service], Stage], queues: str) -> Stage:
    return stage(TOY)


@pytest.fixture
def publisher(servers: Servers, queues: str) -> Iterator[Publisher]:
    one = Publisher(servers.amqp_admin_uri, queues)
    yield one
    one.close()


@pytest.fixture
def proxy(servers: Servers) -> Iterator[Proxy]:
    one = Proxy(urlsplit(servers.amqp_admin_uri).port or 0, HEARTBEAT)
    yield one
    one.close()


@pytest.fixture
def through(servers: Servers, proxy: Proxy, queues: str) -> Iterator[Publisher]:
    """A publisher whose connection goes through the proxy."""
    parts = urlsplit(servers.amqp_admin_uri)
    uri = servers.amqp_admin_uri.replace(f":{parts.port}", f":{proxy.port}")
    one = Publisher(uri, queues)
    yield one
    one.close()


def events(number: int) -> list[Outgoing]:
    return [Outgoing(new_id(), "assessor.set.v1", b"{}") for _ in range(number)]


@pytest.fixture
def full(servers: Servers, queues: str) -> Iterator[Publisher]:
    """A publisher to a queue that takes no more: how many it takes before it says so is the broker's affair."""
    with broker.connect(servers.amqp_admin_uri) as connection:
        small = {"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length": 1}
        queue = Queue(f"{queues}small", durable=True, queue_arguments=small)(connection.channel())
        queue.declare()
        one = Publisher(servers.amqp_admin_uri, queues, queue.name)
        try:
            until(lambda: one.publish(events(20)).refused)
            yield one
        finally:
            one.close()
            queue.delete()


def tell(tx: Transaction, *names: str) -> None:
    for name in names:
        tx.emit(f"assessor:{name}", AssessorSet(assessor=name, issuer="toy", subject=name, since=LONG_AGO))
        tx.audit(f"assessor:{name}", "told")


def rows(toy: Stage, **where: Any) -> int:
    return toy.store.db["outbox"].count_documents(where)


def bodies(servers: Servers, queue: Queue) -> list[str]:
    found: list[str] = []
    broker.drain_dead(servers.amqp_admin_uri, queue, lambda body: found.append(decode(body).event.assessor))
    return found


def test_the_outbox_is_told_in_order_and_kept_as_the_journal(
    toy: Stage, publisher: Publisher, servers: Servers, queues: str
) -> None:
    names = [f"n{number}" for number in range(300)]
    for start in range(0, 300, 50):
        toy.run(tell, *names[start : start + 50])
    relay = toy.relay(publisher)
    assert [relay.turn(), relay.turn(), relay.turn()] == [256, 44, 0]
    assert (rows(toy, pending=True), rows(toy)) == (0, 300)
    assert bodies(servers, broker.queue(queues, "scoring")) == names


def test_a_confirm_that_comes_too_late_is_credited_to_nobody(
    toy: Stage, through: Publisher, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = toy.relay(through)
    toy.run(tell, "warm")
    assert relay.turn() == 1
    monkeypatch.setattr(broker, "CONFIRM_SECONDS", 0.3)
    toy.run(tell, "first")
    proxy.let_through.clear()
    with pytest.raises(TimeoutError):
        relay.turn()
    assert rows(toy, pending=True) == 1
    proxy.let_through.set()
    monkeypatch.undo()
    toy.run(tell, "second")
    assert relay.turn() == 2
    assert rows(toy, pending=True) == 0


def test_a_broker_that_lives_and_confirms_nothing_is_not_waited_for_longer_than_another(
    toy: Stage, through: Publisher, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "CONFIRM_SECONDS", 1.5)
    through.publish(events(1))
    proxy.let_through.clear()
    stop_waiting = threading.Timer(10, proxy.cut)
    stop_waiting.start()
    with pytest.raises(TimeoutError, match="not confirmed"):
        through.publish(events(1))
    stop_waiting.cancel()


def test_a_connection_cut_while_publishing_leaves_the_rows_untold_and_they_are_told_again(
    toy: Stage, through: Publisher, proxy: Proxy
) -> None:
    relay = toy.relay(through)
    toy.run(tell, "warm")
    assert relay.turn() == 1
    toy.run(tell, *[f"n{number}" for number in range(200)])
    proxy.let_through.clear()
    threading.Timer(0.2, proxy.cut).start()
    with pytest.raises(broker.ERRORS):
        relay.turn()
    proxy.let_through.set()
    assert rows(toy, pending=True) == 200
    assert relay.turn() == 200


def test_an_event_that_a_full_queue_refuses_stays_untold(full: Publisher) -> None:
    told = full.publish(events(200))
    assert (len(told.refused), told.confirmed) == (200, frozenset())


def test_an_event_without_a_queue_is_unroutable(servers: Servers, publisher: Publisher) -> None:
    told = publisher.publish(
        [Outgoing("a", "nobody.hears.v1", b"{}"), Outgoing("b", "assessor.set.v1", b"{}")]
    )
    assert (told.unroutable, told.confirmed) == (frozenset("a"), frozenset("b"))


def test_a_type_that_nobody_takes_rests_and_holds_up_no_other(
    toy: Stage, publisher: Publisher, servers: Servers, queues: str
) -> None:
    def assign(tx: Transaction) -> None:
        tx.emit(
            "task:t",
            TaskReleased(task="t", case="c", agency="a", stage="document", assessor="x", reason="expired"),
        )
        tx.audit("task:t", "told")

    with broker.connect(servers.amqp_admin_uri) as connection:
        for service in ("scoring", "notify"):
            bound = broker.queue(queues, service)(connection.channel())
            bound.unbind_from(broker.exchange(queues), routing_key="assessor.set.v1")
    relay = toy.relay(publisher)
    toy.run(tell, *[f"n{number}" for number in range(broker.WINDOW + 10)])
    toy.run(assign)
    with log_lines() as lines:
        assert [relay.turn(), relay.turn(), relay.turn()] == [0, 1, 0]
        (said,) = [one for one in lines() if one["level"] == "error"]
    assert (said["count"], said["why"]) == (broker.WINDOW, "no queue is bound to it")
    assert rows(toy, pending=True) == broker.WINDOW + 10
    broker.prepare(servers.amqp_admin_uri, queues)
    fresh = toy.relay(publisher)
    assert [fresh.turn(), fresh.turn()] == [broker.WINDOW, 10]


def test_events_of_one_subject_are_told_in_their_sequence_though_the_first_was_asked_for_last(
    toy: Stage, publisher: Publisher, servers: Servers, queues: str
) -> None:
    def set_to(tx: Transaction, name: str) -> None:
        tx.emit("assessor:one", AssessorSet(assessor=name, issuer="toy", subject=name, since=LONG_AGO))
        tx.audit("assessor:one", "told")

    toy.run(set_to, "first", at=utcnow())
    toy.run(set_to, "second", at=utcnow() - timedelta(seconds=10))
    assert toy.relay(publisher).turn() == 2
    assert bodies(servers, broker.queue(queues, "scoring")) == ["first", "second"]


def test_of_two_relays_one_works(toy: Stage) -> None:
    first, second = Lease(toy.store, "relay", 30), Lease(toy.store, "relay", 30)
    assert (first.held(), second.held(), first.held()) == (True, False, True)
    first.give_up()
    assert second.held()


def test_a_lease_that_ran_out_goes_to_whoever_asks(toy: Stage) -> None:
    first, second = Lease(toy.store, "relay", -1), Lease(toy.store, "relay", 30)
    assert first.held()
    assert second.held()
    assert not Lease(toy.store, "relay", 30).held()


def test_a_lease_given_by_a_clock_that_was_set_back_since_goes_to_whoever_asks(toy: Stage) -> None:
    ahead, second = Lease(toy.store, "relay", 3600), Lease(toy.store, "relay", 30)
    assert ahead.held()
    assert second.held()
    assert not Lease(toy.store, "relay", 30).held()


def test_a_journal_that_a_full_queue_refuses_is_not_called_told(toy: Stage, full: Publisher) -> None:
    toy.run(tell, *[f"n{number}" for number in range(200)])
    with pytest.raises(TryLater, match="took 0 events and refused others"):
        outbox.replay(toy.store, full, ["assessor.set.v1"], 1)


def test_a_journal_is_told_again_to_one_hearer_only(
    toy: Stage, publisher: Publisher, servers: Servers, queues: str
) -> None:
    toy.run(tell, "a", "b")
    toy.relay(publisher).turn()
    scoring, notify = broker.queue(queues, "scoring"), broker.queue(queues, "notify")
    assert bodies(servers, scoring) == bodies(servers, notify) == ["a", "b"]
    one = Publisher(servers.amqp_admin_uri, queues, notify.name)
    assert outbox.replay(toy.store, one, ["assessor.set.v1"], 1) == 2
    one.close()
    assert bodies(servers, scoring) == []
    assert bodies(servers, notify) == ["a", "b"]


def test_retention_forgets_old_told_rows_only(toy: Stage) -> None:
    today, while_ago, long_ago = (utcnow() - timedelta(days=days) for days in (0, 11, 21))
    old, very_old, behind, now = first_id(while_ago), first_id(long_ago), first_id(LONG_AGO), new_id()
    made = [
        {"_id": old, "told": while_ago, "subject": "s", "sequence": 1},
        {"_id": very_old, "pending": True, "subject": "s", "sequence": 2},
        {"_id": now, "told": today, "subject": "s", "sequence": 3},
        {"_id": behind, "told": today, "subject": "s", "sequence": 4},
    ]
    toy.store.db["outbox"].insert_many(made)
    heard = [
        {"_id": old, "at": while_ago},
        {"_id": very_old, "at": long_ago},
        {"_id": behind, "at": today},
    ]
    toy.store.db["inbox"].insert_many(heard)
    assert outbox.purge(toy.store, 10) == 1
    assert {row["_id"] for row in toy.store.db["outbox"].find()} == {very_old, now, behind}
    assert {row["_id"] for row in toy.store.db["inbox"].find()} == {old, behind}


def test_a_relay_that_fails_for_another_reason_than_a_server_ends(toy: Stage) -> None:
    class Broken(Publisher):
        def beat(self) -> None:
            raise ValueError("a fault of our own")

    with pytest.raises(ValueError, match="a fault of our own"):
        toy.relay(Broken("amqp://127.0.0.1:9//", "nobody.")).run(threading.Event(), threading.Event())


def test_a_turn_takes_no_more_bytes_than_it_has_room_for(toy: Stage) -> None:
    half = b" " * (outbox.WINDOW_BYTES // 2)
    made = [
        {"_id": new_id(), "type": "assessor.set.v1", "body": half, "pending": True, "at": utcnow()}
        | {"subject": "s", "sequence": number}
        for number in range(3)
    ]
    toy.store.db["outbox"].insert_many(made)
    relay = toy.relay(Publisher("amqp://127.0.0.1:9//", "nobody."))
    assert [row["_id"] for row in relay._untold()] == [row["_id"] for row in made[:2]]


def test_a_connection_that_breaks_while_nothing_is_told_is_given_back(
    through: Publisher, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "HEARTBEAT_SECONDS", 0)
    assert through.publish(events(1)).confirmed
    proxy.cut()

    def beat() -> bool:
        through.beat()
        return False

    with pytest.raises(broker.ERRORS):
        until(beat)
    assert len(through.publish(events(1)).confirmed) == 1
