"""Connections and bindings: kept alive while there is no news, given back when they fail, none left over."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import amqp
import pytest
from amqp.exceptions import ConsumerCancelled, NotFound
from kombu import Connection, Queue

from deploy.local.servers import Servers
from shared.core.errors import TryLater
from shared.messaging import broker
from shared.messaging.broker import (
    OutgoingEvent,
    Publisher,
    ReceivedMessage,
    Subscriber,
    connection,
    topology,
)
from shared.messaging.broker import subscriber as broker_subscriber
from shared.service import Service
from shared.worker import Sweep
from tests.shared.toys import TOY
from tests.support.proxy import Proxy
from tests.support.stage import Stage
from tests.waiting import until

TYPE = "assessor.set.v1"


@pytest.fixture
def publisher(servers: Servers, queues: str) -> Iterator[Publisher]:
    publisher = Publisher(servers.service_env("review")["AMQP_URI"], queues)
    yield publisher
    publisher.close()


def fill(servers: Servers, queue: str, number: int = 1) -> None:
    """Put messages into a queue past every exchange, as only the admin may."""
    with broker.connect(servers.amqp_admin_uri) as connection:
        channel = connection.channel()
        channel.confirm_select()
        for _ in range(number):
            channel.basic_publish_confirm(amqp.Message(b"{}"), "", queue)


def test_a_connection_whose_queue_is_missing_is_given_back(servers: Servers) -> None:
    parts = urlsplit(servers.amqp_admin_uri)
    proxy = Proxy(parts.port or 0)
    uri = servers.amqp_admin_uri.replace(f":{parts.port}", f":{proxy.port}")
    with pytest.raises(NotFound) as missing:
        Subscriber(uri, broker.queue("nobody-made-this.", "review"))
    assert missing.traceback
    assert proxy.left.wait(5)
    proxy.close()


def test_who_listens_to_a_queue_that_goes_away_is_told(servers: Servers, queues: str) -> None:
    queue = broker.queue(queues, "review")
    subscriber = Subscriber(servers.amqp_admin_uri, queue)
    with broker.connect(servers.amqp_admin_uri) as connection:
        connection.channel().queue_delete(queue.name)
    with pytest.raises(ConsumerCancelled):
        subscriber.receive(5)
    subscriber.close()
    assert issubclass(ConsumerCancelled, broker.ERRORS)


def test_a_binding_that_no_contract_asks_for_any_more_goes(
    servers: Servers, publisher: Publisher, queues: str
) -> None:
    with broker.connect(servers.amqp_admin_uri) as connection:
        old = broker.queue(queues, "intake")(connection.channel())
        old.bind_to(broker.exchange(queues), routing_key=TYPE)
    broker.declare(servers.amqp_admin_uri, queues)
    assert publisher.publish([OutgoingEvent("a", TYPE, b"{}")]).confirmed == {"a"}
    names = [f"{queues}{service}" for service in ("intake", "scoring")]
    assert broker.queue_depths(servers.amqp_admin_uri, names) == dict(zip(names, (0, 1), strict=True))


def test_what_the_broker_gave_up_stays_however_often_it_cannot_be_kept(servers: Servers, queues: str) -> None:
    queue = broker.dead_letter_queue(queues, "review")
    fill(servers, queue.name)
    looks, kept = list[bytes](), list[bytes]()

    def fail(message: ReceivedMessage) -> None:
        looks.append(message.body)
        raise OSError("the database does not take it")

    def query() -> bool:
        with suppress(OSError):
            broker.drain(servers.amqp_admin_uri, queue, fail)
        return len(looks) > topology.DELIVERY_LIMIT + 1

    until(query)
    until(lambda: broker.drain(servers.amqp_admin_uri, queue, lambda message: kept.append(message.body)))
    assert kept == [b"{}"]


def test_an_empty_dead_queue_of_an_earlier_version_is_made_anew_and_a_full_one_left(
    servers: Servers, queues: str
) -> None:
    queue = broker.dead_letter_queue(queues, "review")
    with broker.connect(servers.amqp_admin_uri) as connection:
        channel = connection.channel()
        channel.queue_delete(queue.name)
        old = {"x-queue-type": "quorum", "x-delivery-limit": 20}
        Queue(queue.name, durable=True, queue_arguments=old)(channel).declare()
    fill(servers, queue.name)
    with pytest.raises(TryLater, match=r"review\.dead was made by another version and still holds 1 events"):
        broker.declare(servers.amqp_admin_uri, queues)
    kept: list[bytes] = []
    assert broker.drain(servers.amqp_admin_uri, queue, lambda message: kept.append(message.body)) == 1
    broker.declare(servers.amqp_admin_uri, queues)
    with broker.connect(servers.amqp_admin_uri) as connection:
        queue(connection.channel()).queue_declare()


def keep_alive(connections: Sequence[Subscriber | Publisher], seconds: float) -> None:
    """Let so much time pass as whoever waits for the database, or has nothing to publish, does."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        for peer in connections:
            peer.heartbeat()
        pause.wait(0.05)


def test_connections_without_news_outlast_the_time_after_which_silence_ends_them(
    servers: Servers, queues: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT_SECONDS", 1)
    publisher = Publisher(servers.service_env("review")["AMQP_URI"], queues)
    publisher.publish([OutgoingEvent("a", TYPE, b"{}"), OutgoingEvent("b", TYPE, b"{}")])
    subscriber = Subscriber(servers.amqp_admin_uri, broker.queue(queues, "scoring"))
    in_hand = subscriber.receive(5)
    keep_alive([subscriber, publisher], 4)
    subscriber.ack(in_hand)
    assert publisher.publish([OutgoingEvent("c", TYPE, b"{}")]).confirmed == {"c"}
    (next_one,) = subscriber.receive(5)
    assert next_one.delivery_count == 1
    subscriber.close()
    publisher.close()


def test_a_sweep_that_fails_is_tried_again_and_ends_nothing(
    stage: Callable[[Service], Stage], queues: str
) -> None:
    worker, again, calls = stage(TOY).worker(), threading.Event(), []

    def fail(_: object) -> None:
        calls.append(1)
        if len(calls) > 1:
            again.set()
        raise ValueError("a sweep with a fault")

    worker.sweeps = {"faulty": Sweep(0.1, fail)}
    thread = threading.Thread(target=worker.run_periodic)
    thread.start()
    assert again.wait(20)
    assert thread.is_alive()
    worker.stop.set()
    thread.join(20)
    worker.store.close()


class BrokenConnection(Connection):  # type: ignore[misc]  # kombu is untyped
    """A connection that cannot even be dropped."""

    def collect(self, socket_timeout: float | None = None) -> None:
        """Fail in a way that no transport names."""
        raise ValueError("file descriptor cannot be a negative integer (-1)")


def test_a_connection_that_cannot_even_be_dropped_harms_nobody(servers: Servers) -> None:
    broker.discard(BrokenConnection(servers.amqp_admin_uri))


def test_the_depth_of_a_queue_that_is_not_there_is_left_out(servers: Servers, queues: str) -> None:
    name = broker.queue(queues, "review").name
    assert broker.queue_depths(servers.amqp_admin_uri, ["nobody-made-this", name]) == {name: 0}


def test_a_frame_that_cannot_be_read_costs_the_connection_and_not_the_process(
    servers: Servers, queues: str
) -> None:
    with broker.connect(servers.amqp_admin_uri) as connection:
        channel = connection.channel()
        channel.confirm_select()
        broker.queue(queues, "review")(channel).bind_to(broker.exchange(queues), routing_key="#")
        channel.basic_publish_confirm(amqp.Message(b"{}"), broker.exchange(queues).name, b"\xff")
    subscriber = Subscriber(servers.amqp_admin_uri, broker.queue(queues, "review"))
    with pytest.raises(ConnectionError, match="cannot be read"):
        subscriber.receive(20)
    subscriber.close()


def test_a_full_batch_is_given_without_waiting_and_the_rest_comes_next(
    servers: Servers, queues: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_subscriber, "BATCH", 3)
    fill(servers, f"{queues}review", 5)
    subscriber = Subscriber(servers.amqp_admin_uri, broker.queue(queues, "review"))
    first = subscriber.receive(20)
    second = subscriber.receive(20)
    subscriber.close()
    assert (len(first), [message.body for message in second]) == (3, [b"{}", b"{}"])


def test_what_came_while_only_the_connection_was_kept_alive_is_received_first(
    servers: Servers, queues: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber = Subscriber(servers.amqp_admin_uri, broker.queue(queues, "scoring"))
    monkeypatch.setattr(connection, "HEARTBEAT_SECONDS", 0)
    publisher = Publisher(servers.service_env("review")["AMQP_URI"], queues)
    publisher.publish([OutgoingEvent("a", TYPE, b"{}")])
    publisher.close()
    until(
        lambda: broker.queue_depths(servers.amqp_admin_uri, [f"{queues}scoring"]) == {f"{queues}scoring": 0}
    )
    for _ in range(50):
        subscriber.heartbeat()
    (message,) = subscriber.receive(20)
    subscriber.close()
    assert message.body == b"{}"
