"""The consumer: waits for a database or a broker that is away, and lets no message end it or block others."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from pymongo.errors import AutoReconnect, ExecutionTimeout, PyMongoError

from deploy.local.servers import Servers
from shared.core.settings import Settings
from shared.events import Envelope
from shared.events.intake import AgencySet, MemberSet
from shared.events.review import AssessorSet
from shared.messaging import broker, consumer, inbox
from shared.messaging.broker import OutgoingEvent, Subscriber
from shared.messaging.consumer import Consumer
from shared.messaging.inbox import Handler, IncomingEvent
from shared.service import Service
from shared.storage import mongo
from shared.storage.transaction import Transaction
from tests.shared.toys import BAD, TOY, agency
from tests.shared.webapp import log_lines
from tests.support import publishing
from tests.support.proxy import Proxy
from tests.support.publishing import outgoing
from tests.support.stage import LONG_AGO, Stage
from tests.waiting import until

Publish = Callable[..., None]


@pytest.fixture
def toy(stage: Callable[[Service], Stage], queues: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(consumer, "RECONNECT_SECONDS", 0.1)
    return stage(TOY)


@pytest.fixture
def publish(toy: Stage, servers: Servers) -> Publish:
    """Puts events into the toy's queue."""

    def publish(*events: Envelope | OutgoingEvent) -> None:
        made = [event if isinstance(event, OutgoingEvent) else outgoing(event) for event in events]
        publishing.publish(servers, toy.settings.prefix, made, to="review")

    return publish


def agency_event(toy: Stage, id: str = "a", group: str = "Kota") -> Envelope:
    return toy.envelope(f"agency:{id}", agency(id, group))


def unhandled(toy: Stage) -> Envelope:
    """An event that its contract sends to review, of which the toy knows nothing."""
    return toy.envelope("person:x", MemberSet(person="x", issuer="i", subject="s", grants=()))


def counted(toy: Stage) -> set[str]:
    return {row["_id"] for row in toy.db["agencies"].find()}


def proxied(uri: str, proxy: Proxy) -> str:
    return uri.replace(f":{urlsplit(uri).port}", f":{proxy.port}")


@pytest.fixture
def broker_proxy(servers: Servers) -> Iterator[Proxy]:
    proxy = Proxy(urlsplit(servers.amqp_admin_uri).port or 0)
    yield proxy
    proxy.close()


@pytest.fixture
def database_proxy(servers: Servers) -> Iterator[Proxy]:
    proxy = Proxy(servers.ports.mongo)
    yield proxy
    proxy.close()


@contextmanager
def consuming(toy: Stage, settings: Settings) -> Iterator[threading.Thread]:
    """A consumer at work while the block lasts, with a connection of its own to the database."""
    stop, emitted, store = threading.Event(), threading.Event(), TOY.store(settings)
    thread = threading.Thread(target=Consumer(settings, store, toy.handlers, emitted).run, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(30)
        store.close()
    assert not thread.is_alive()


def test_what_comes_is_handled_and_wakes_the_relay(toy: Stage, publish: Publish) -> None:
    stop, emitted = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=Consumer(toy.settings, toy.store, toy.handlers, emitted).run, args=(stop,)
    )
    thread.start()
    publish(agency_event(toy))
    assert emitted.wait(20)
    stop.set()
    thread.join(20)
    assert counted(toy) == {"a"}


def test_an_event_that_wakes_nobody_does_not_wake_the_relay(toy: Stage, publish: Publish) -> None:
    failing, superseded = agency_event(toy, "b", BAD), agency_event(toy, "c", "Superseded")
    publish(failing, superseded)
    with log_lines() as lines, consuming(toy, toy.settings):
        until(lambda: len([line for line in lines() if line["message"] == "event consumed"]) >= 2)
    assert toy.published(AssessorSet) == []
    (row,) = toy.db["deferred_events"].find()
    assert (row["_id"], row["state"]) == (failing.key, "retry")


def test_an_event_without_a_handler_is_dead_lettered_while_its_neighbours_pass(
    toy: Stage, publish: Publish
) -> None:
    stranger = unhandled(toy)
    publish(stranger, agency_event(toy))
    with consuming(toy, toy.settings):
        until(lambda: counted(toy) == {"a"})
    (row,) = toy.db["deferred_events"].find()
    assert (row["_id"], row["state"], row["error"]) == (stranger.key, "dead", "no handler for member.set.v1")


def test_a_batch_in_which_nothing_can_be_handled_is_acknowledged(toy: Stage, publish: Publish) -> None:
    publish(unhandled(toy))
    with consuming(toy, toy.settings):
        until(lambda: toy.db["deferred_events"].count_documents({"state": "dead"}) == 1)
    name = toy.settings.queue("review")
    until(lambda: broker.queue_depths(toy.settings.amqp_uri, [name]) == {name: 0})


def test_a_message_that_came_too_often_is_deferred_first_and_then_handled_alone(
    toy: Stage, publish: Publish
) -> None:
    publish(agency_event(toy))
    for times in range(1, consumer.RISKY_DELIVERIES + 1):
        subscriber = Subscriber(toy.settings.amqp_uri, broker.queue(toy.settings.prefix, "review"))
        (message,) = subscriber.receive(20)
        assert message.delivery_count == times
        subscriber.close()
    with log_lines() as lines, consuming(toy, toy.settings):
        until(lambda: counted(toy) == {"a"})
    said = [line["message"] for line in lines()]
    assert "retrying an event whose last attempt never ended" in said


def test_a_consumer_waits_for_a_database_that_is_away_and_loses_nothing(
    toy: Stage, publish: Publish, database_proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "COMMAND_SECONDS", 0.5)
    settings = replace(toy.settings, mongo_uri=proxied(toy.settings.mongo_uri, database_proxy))
    database_proxy.let_through.clear()  # from the first on: a driver that knows the replica set passes the proxy by
    with log_lines() as lines, consuming(toy, settings):
        publish(agency_event(toy))
        until(lambda: "database unavailable" in [line["message"] for line in lines()])
        database_proxy.let_through.set()
        until(lambda: counted(toy) == {"a"})


def test_a_consumer_told_to_stop_while_the_database_is_away_leaves_its_messages_in_the_queue(
    toy: Stage, publish: Publish, database_proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "COMMAND_SECONDS", 0.5)
    settings = replace(toy.settings, mongo_uri=proxied(toy.settings.mongo_uri, database_proxy))
    database_proxy.let_through.clear()
    with log_lines() as lines, consuming(toy, settings):
        publish(agency_event(toy))
        until(lambda: "database unavailable" in [line["message"] for line in lines()])
    assert counted(toy) == set()
    with consuming(toy, toy.settings):
        until(lambda: counted(toy) == {"a"})


def test_a_consumer_connects_again_when_the_broker_was_away(
    toy: Stage, publish: Publish, broker_proxy: Proxy
) -> None:
    settings = replace(toy.settings, amqp_uri=proxied(toy.settings.amqp_uri, broker_proxy))
    with log_lines() as lines, consuming(toy, settings):
        publish(agency_event(toy, "first"))
        until(lambda: counted(toy) == {"first"})
        broker_proxy.cut()
        until(lambda: "broker unavailable" in [line["message"] for line in lines()])
        publish(agency_event(toy, "second"))
        until(lambda: counted(toy) == {"first", "second"})


def test_a_fault_that_is_no_outage_ends_the_consumer(toy: Stage) -> None:
    toy.db["deferred_events"].insert_one({"_id": "x", "state": "retry", "next_at": LONG_AGO, "rev": 1})
    with pytest.raises(KeyError, match="deferred_at"):
        Consumer(toy.settings, toy.store, toy.handlers, threading.Event()).run(threading.Event())


def test_bytes_that_are_no_event_are_dead_lettered_while_their_neighbours_pass(
    toy: Stage, publish: Publish
) -> None:
    publish(OutgoingEvent("x", "agency.set.v1", b"\xff no event"), agency_event(toy))
    with consuming(toy, toy.settings):
        until(lambda: counted(toy) == {"a"})
    (row,) = toy.db["deferred_events"].find()
    assert (row["type"], row["state"], bytes(row["body"])) == ("unreadable", "dead", b"\xff no event")


def test_a_consumer_that_never_began_has_nothing_to_close(toy: Stage) -> None:
    stop = threading.Event()
    stop.set()
    Consumer(toy.settings, toy.store, toy.handlers, threading.Event()).run(stop)


@pytest.mark.parametrize(
    "problem", [ExecutionTimeout("operation exceeded time limit", 50), AutoReconnect("connection closed")]
)
def test_a_database_that_goes_away_while_an_event_is_handled_is_not_that_events_fault(
    toy: Stage, database_proxy: Proxy, monkeypatch: pytest.MonkeyPatch, problem: PyMongoError
) -> None:
    monkeypatch.setattr(mongo, "COMMAND_SECONDS", 2)
    uri = proxied(toy.settings.mongo_uri, database_proxy)
    direct = f"{uri}{'&' if '?' in uri else '?'}directConnection=true"
    store = TOY.store(replace(toy.settings, mongo_uri=direct))

    def cut_off(tx: Transaction, event: AgencySet) -> None:
        database_proxy.let_through.clear()
        raise problem

    with pytest.raises(type(problem)):
        inbox.handle(store, {AgencySet: Handler(cut_off)}, [IncomingEvent(agency_event(toy))])
    database_proxy.let_through.set()
    store.close()
    assert toy.state() == {}
