"""Connections and bindings: kept alive while there is no news, given back when they fail, none left over."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from amqp.exceptions import ConsumerCancelled, NotFound
from kombu import Queue

from deploy.local.servers import Servers
from shared.core.errors import TryLater
from shared.messaging import broker, topology
from shared.messaging.broker import Inbound, Outgoing, Publisher
from shared.service import Service
from shared.worker import Sweep
from tests.shared.proxy import Proxy
from tests.shared.toys import TOY
from tests.support.stage import Stage
from tests.waiting import until

TYPE = "assessor.set.v1"


@pytest.fixture
def publisher(servers: Servers, queues: str) -> Iterator[Publisher]:
    one = Publisher(servers.amqp_admin_uri, queues)
    yield one
    one.close()


def test_a_connection_whose_queue_is_missing_is_given_back(servers: Servers) -> None:
    parts = urlsplit(servers.amqp_admin_uri)
    proxy = Proxy(parts.port or 0)
    uri = servers.amqp_admin_uri.replace(f":{parts.port}", f":{proxy.port}")
    with pytest.raises(NotFound) as missing:
        Inbound(uri, broker.queue("nobody-made-this.", "review"))
    assert missing.traceback
    assert proxy.left.wait(5)
    proxy.close()


def test_who_listens_to_a_queue_that_goes_away_is_told(servers: Servers, queues: str) -> None:
    queue = broker.queue(queues, "review")
    inbound = Inbound(servers.amqp_admin_uri, queue)
    with broker.connect(servers.amqp_admin_uri) as connection:
        connection.channel().queue_delete(queue.name)
    with pytest.raises(ConsumerCancelled):
        inbound.take(5)
    inbound.close()
    assert issubclass(ConsumerCancelled, broker.ERRORS)


def test_a_binding_that_no_contract_asks_for_any_more_goes(
    servers: Servers, publisher: Publisher, queues: str
) -> None:
    with broker.connect(servers.amqp_admin_uri) as connection:
        old = broker.queue(queues, "intake")(connection.channel())
        old.bind_to(broker.exchange(queues), routing_key=TYPE)
    broker.prepare(servers.amqp_admin_uri, queues)
    assert publisher.publish([Outgoing("a", TYPE, b"{}")]).confirmed == {"a"}
    names = [f"{queues}{service}" for service in ("intake", "scoring")]
    assert broker.depth(servers.amqp_admin_uri, names) == dict(zip(names, (0, 1), strict=True))


def test_what_the_broker_gave_up_stays_however_often_it_cannot_be_kept(servers: Servers, queues: str) -> None:
    queue = broker.dead_queue(queues, "review")
    publisher = Publisher(servers.amqp_admin_uri, queues, queue.name)
    publisher.publish([Outgoing("a", TYPE, b"{}")])
    publisher.close()

    looks, kept = list[bytes](), list[bytes]()

    def fail(body: bytes) -> None:
        looks.append(body)
        raise OSError("the database does not take it")

    def query() -> bool:
        with suppress(OSError):
            broker.drain_dead(servers.amqp_admin_uri, queue, fail)
        return len(looks) > topology.DELIVERY_LIMIT + 1

    until(query)
    until(lambda: broker.drain_dead(servers.amqp_admin_uri, queue, kept.append))
    assert kept == [b"{}"]


def test_an_empty_dead_queue_of_an_earlier_version_is_made_anew_and_a_full_one_left(
    servers: Servers, queues: str
) -> None:
    queue = broker.dead_queue(queues, "review")
    with broker.connect(servers.amqp_admin_uri) as connection:
        channel = connection.channel()
        channel.queue_delete(queue.name)
        old = {"x-queue-type": "quorum", "x-delivery-limit": 20}
        Queue(queue.name, durable=True, queue_arguments=old)(channel).declare()
    publisher = Publisher(servers.amqp_admin_uri, queues, queue.name)
    publisher.publish([Outgoing("a", TYPE, b"{}")])
    publisher.close()
    with pytest.raises(TryLater, match=r"review\.dead was made by another version and still holds 1 facts"):
        broker.prepare(servers.amqp_admin_uri, queues)
    kept: list[bytes] = []
    assert broker.drain_dead(servers.amqp_admin_uri, queue, kept.append) == 1
    broker.prepare(servers.amqp_admin_uri, queues)
    with broker.connect(servers.amqp_admin_uri) as connection:
        queue(connection.channel()).queue_declare()


def keep_alive(connections: Sequence[Inbound | Publisher], seconds: float) -> None:
    """Let so much time pass as whoever waits for the database, or has nothing to tell, does."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        for one in connections:
            one.beat()
        pause.wait(0.05)


def test_connections_without_news_outlast_the_time_after_which_silence_ends_them(
    servers: Servers, queues: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "HEARTBEAT_SECONDS", 1)
    publisher = Publisher(servers.amqp_admin_uri, queues)
    publisher.publish([Outgoing("a", TYPE, b"{}"), Outgoing("b", TYPE, b"{}")])
    inbound = Inbound(servers.amqp_admin_uri, broker.queue(queues, "scoring"))
    in_hand = inbound.take(5)
    keep_alive([inbound, publisher], 4)
    inbound.ack(in_hand)
    assert publisher.publish([Outgoing("c", TYPE, b"{}")]).confirmed == {"c"}
    (next_one,) = inbound.take(5)
    assert not next_one.delivery_info["redelivered"]
    inbound.close()
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


def test_more_than_a_batch_comes_in_batches_and_a_missing_queue_has_no_depth(
    servers: Servers, publisher: Publisher, queues: str
) -> None:
    publisher.publish([Outgoing(f"e{number}", TYPE, b"{}") for number in range(broker.BATCH + 1)])
    inbound = Inbound(servers.amqp_admin_uri, broker.queue(queues, "scoring"))
    inbound.ack([])

    def all_have_come() -> bool:
        inbound._drain(0.1)
        return len(inbound._buffer) > broker.BATCH

    until(all_have_come)
    assert [len(inbound.take(5)) for _ in range(2)] == [broker.BATCH, 1]
    inbound.close()
    assert broker.depth(servers.amqp_admin_uri, [f"{queues}nobody"]) == {}


class Broken:
    """A connection that cannot even be closed."""

    def collect(self, socket_timeout: float) -> None:
        """Fail, as a socket may that is gone already."""
        raise OSError("the socket is gone")


def test_a_connection_is_dropped_in_whatever_state_it_is() -> None:
    topology.discard(Broken())
