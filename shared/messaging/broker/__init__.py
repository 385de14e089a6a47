"""RabbitMQ through kombu, which no other module knows: connections, topology, publishing, consuming."""

from shared.messaging.broker.connection import ERRORS, REFUSALS, connect, discard
from shared.messaging.broker.publisher import WINDOW, OutgoingEvent, Publisher, PublishResult
from shared.messaging.broker.subscriber import ReceivedMessage, Subscriber, drain
from shared.messaging.broker.topology import (
    dead_letter_queue,
    declare,
    delete,
    exchange,
    queue,
    queue_depths,
)

__all__ = [
    "ERRORS",
    "REFUSALS",
    "WINDOW",
    "OutgoingEvent",
    "PublishResult",
    "Publisher",
    "ReceivedMessage",
    "Subscriber",
    "connect",
    "dead_letter_queue",
    "declare",
    "delete",
    "discard",
    "drain",
    "exchange",
    "queue",
    "queue_depths",
]
