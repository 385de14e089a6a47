"""Exchange, queues and bindings of all contracts, and the connections to them."""

from typing import Any

from amqp.exceptions import AMQPError, ChannelError, PreconditionFailed
from kombu import Connection, Exchange, Queue
from kombu.exceptions import KombuError

from shared.core import telemetry
from shared.core.errors import TryLater
from shared.core.names import SERVICES
from shared.events import contracts

DELIVERY_LIMIT = 20
NO_LIMIT = 2**31 - 1
"""Not to say a limit means 20 to RabbitMQ 4."""
HEARTBEAT_SECONDS = 15
ERRORS: tuple[type[Exception], ...] = (OSError, AMQPError, KombuError)
"""What a broker that is away, or goes away in the middle, may raise."""
REFUSALS: tuple[type[Exception], ...] = (ChannelError,)
"""What a broker that is there raises for something that it does not allow or does not have."""

log = telemetry.logger(__name__)


def connect(uri: str) -> Connection:
    """A connection that notices a dead broker within half a minute; opened at first use."""
    return Connection(
        uri,
        heartbeat=HEARTBEAT_SECONDS,
        connect_timeout=5,
        transport_options={
            "confirm_publish": False,
            "read_timeout": 30,
            "write_timeout": 30,
            "login_method": "PLAIN",
        },
    )


def exchange(prefix: str) -> Exchange:
    """The one durable topic exchange; an event's type is its routing key."""
    return Exchange(f"{prefix}nilai.events", type="topic", durable=True)


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


def dead_queue(prefix: str, service: str) -> Queue:
    """Where the broker puts what it has delivered too often; nobody may give it up there once more."""
    return _queue(f"{prefix}{service}.dead", **{"x-delivery-limit": NO_LIMIT})


def prepare(admin_uri: str, prefix: str) -> None:
    """Declare the exchange, every queue and the bindings that the contracts ask for, no others; again is harmless."""
    with connect(admin_uri) as connection:
        channel = connection.channel()
        topic = exchange(prefix)(channel)
        topic.declare()
        for service in SERVICES:
            _declare_dead(connection, dead_queue(prefix, service))
            queue(prefix, service)(channel).queue_declare()
        for contract in contracts():
            for service in SERVICES:
                bound = queue(prefix, service)(channel)
                # Unbinding what is not bound is no error: what an older contract asked for goes.
                bind = bound.bind_to if service in contract.consumers else bound.unbind_from
                bind(topic, routing_key=contract.type)


def _declare_dead(connection: Connection, dead: Queue) -> None:
    """Declare a dead queue; one of another version's arguments, which never change, is made anew when it is empty.

    While nobody hears, nothing new comes into it. TryLater while something is in it.
    """
    try:
        dead(connection.channel()).queue_declare()
    except PreconditionFailed:
        channel = connection.channel()
        if count := dead(channel).queue_declare(passive=True).message_count:
            raise TryLater(
                f"The queue {dead.name} was made by another version and still holds {count} facts. Start a worker of "
                "that version once, which keeps them as dead rows within seconds, then prepare again."
            ) from None
        channel.queue_delete(dead.name)
        dead(channel).queue_declare()


def remove(admin_uri: str, prefix: str) -> None:
    """Take a prefix's exchange and queues away, with whatever is in them."""
    with connect(admin_uri) as connection:
        channel = connection.channel()
        for service in SERVICES:
            channel.queue_delete(queue(prefix, service).name)
            channel.queue_delete(dead_queue(prefix, service).name)
        channel.exchange_delete(exchange(prefix).name)


def discard(connection: Connection) -> None:
    """Drop a connection at once, whatever state it is in."""
    try:
        connection.collect(socket_timeout=0.1)
    except Exception as problem:
        log.debug("a broken connection did not close cleanly", extra={"problem": repr(problem)})
