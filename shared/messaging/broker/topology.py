"""Exchange, queues and bindings of all contracts."""

from collections.abc import Iterable
from typing import Any

from amqp.exceptions import NotFound, PreconditionFailed
from kombu import Connection, Exchange, Queue

from shared.core.errors import TryLater
from shared.core.names import SERVICES
from shared.events import contracts
from shared.messaging.broker.connection import connect

DELIVERY_LIMIT = 20
NO_LIMIT = 2**31 - 1
"""Not to say a limit means 20 to RabbitMQ 4."""


def exchange(prefix: str) -> Exchange:
    """The one durable topic exchange; an event's type is its routing key."""
    return Exchange(f"{prefix}nilai.events", type="topic", durable=True)


def replay_exchange(prefix: str, consumer: str) -> Exchange:
    """Where producers publish their journals once more, for one consumer only."""
    return Exchange(f"{prefix}nilai.replay.{consumer}", type="topic", durable=True)


def _queue(name: str, **arguments: Any) -> Queue:
    quorum = {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-delivery-limit": DELIVERY_LIMIT,
        **arguments,
    }
    return Queue(name, durable=True, queue_arguments=quorum, no_declare=True)


def queue(prefix: str, service: str) -> Queue:
    """The quorum queue of one service."""
    return _queue(
        f"{prefix}{service}",
        **{
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": f"{prefix}{service}.dead",
            "x-dead-letter-strategy": "at-least-once",
        },
    )


def dead_letter_queue(prefix: str, service: str) -> Queue:
    """Where the broker puts what it has delivered too often; nobody may give it up there once more."""
    return _queue(f"{prefix}{service}.dead", **{"x-delivery-limit": NO_LIMIT})


def declare(admin_uri: str, prefix: str) -> None:
    """Declare the exchange, every queue and the bindings that the contracts ask for, no others; again is harmless."""
    with connect(admin_uri) as connection:
        channel = connection.channel()
        topic = exchange(prefix)(channel)
        topic.declare()
        for service in SERVICES:
            replay_exchange(prefix, service)(channel).declare()
            _declare_dead_letter_queue(connection, dead_letter_queue(prefix, service))
            queue(prefix, service)(channel).queue_declare()
        for contract in contracts():
            for service in SERVICES:
                bound = queue(prefix, service)(channel)
                # Unbinding what is not bound is no error: what an older contract asked for goes.
                bind = bound.bind_to if service in contract.consumers else bound.unbind_from
                bind(topic, routing_key=contract.type)
                bind(replay_exchange(prefix, service), routing_key=contract.type)


def _declare_dead_letter_queue(connection: Connection, dead: Queue) -> None:
    """Declare a dead queue; one of another version's arguments, which never change, is made anew when it is empty.

    While nobody consumes, nothing new comes into it. TryLater while something is in it.
    """
    try:
        dead(connection.channel()).queue_declare()
    except PreconditionFailed:
        channel = connection.channel()
        if count := dead(channel).queue_declare(passive=True).message_count:
            raise TryLater(
                f"The queue {dead.name} was made by another version and still holds {count} events. Start a worker of "
                "that version once, which keeps them as dead events within seconds, then prepare again."
            ) from None
        channel.queue_delete(dead.name)
        dead(channel).queue_declare()


def delete(admin_uri: str, prefix: str) -> None:
    """Take a prefix's exchange and queues away, with whatever is in them."""
    with connect(admin_uri) as connection:
        channel = connection.channel()
        for service in SERVICES:
            channel.queue_delete(queue(prefix, service).name)
            channel.queue_delete(dead_letter_queue(prefix, service).name)
            channel.exchange_delete(replay_exchange(prefix, service).name)
        channel.exchange_delete(exchange(prefix).name)


def queue_depths(uri: str, names: Iterable[str]) -> dict[str, int]:
    """How many messages are ready in each queue; a queue that is not there is left out."""
    depths: dict[str, int] = {}
    with connect(uri) as connection:
        for name in names:
            try:
                depths[name] = Queue(name)(connection.channel()).queue_declare(passive=True).message_count
            except NotFound:
                continue
    return depths
