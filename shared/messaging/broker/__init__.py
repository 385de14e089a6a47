"""RabbitMQ through kombu, which no other module knows: connections, topology, publishing, consuming."""

from shared.messaging.broker.connection import ERRORS, REFUSALS, connect, discard
from shared.messaging.broker.publisher import WINDOW, OutgoingEvent, Publisher, PublishResult
from shared.messaging.broker.received import EXCERPT_BYTES, ReceivedMessage, received_dead
from shared.messaging.broker.rights import consumers_of, rights
from shared.messaging.broker.subscriber import Subscriber, drain
from shared.messaging.broker.topology import (
    dead_letter_queue,
    declare,
    delete,
    exchange,
    queue,
    queue_depths,
    replay_exchange,
)
from shared.messaging.broker.users import Management, check_login

__all__ = [
    "ERRORS",
    "EXCERPT_BYTES",
    "REFUSALS",
    "WINDOW",
    "Management",
    "OutgoingEvent",
    "PublishResult",
    "Publisher",
    "ReceivedMessage",
    "Subscriber",
    "check_login",
    "connect",
    "consumers_of",
    "dead_letter_queue",
    "declare",
    "delete",
    "discard",
    "drain",
    "exchange",
    "queue",
    "queue_depths",
    "received_dead",
    "replay_exchange",
    "rights",
]
