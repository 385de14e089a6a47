"""Events put before a consumer as their producers would: each under the broker's user of its own producer."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import amqp
from kombu import Queue

from deploy.local.servers import Servers
from shared.events import Envelope, encode, of_type
from shared.messaging import broker
from shared.messaging.broker import WINDOW, OutgoingEvent, Publisher, ReceivedMessage
from shared.messaging.broker.topology import DELIVERY_LIMIT


def outgoing(envelope: Envelope) -> OutgoingEvent:
    """An event with its final bytes."""
    return OutgoingEvent(envelope.id, envelope.type, encode(envelope))


def publish(servers: Servers, prefix: str, events: Sequence[OutgoingEvent], to: str | None = None) -> None:
    """Have the broker confirm events, to all who consume them or by a replay to one."""
    for producer, batch in _by_producer(events).items():
        uri = servers.service_env(producer)["AMQP_URI"]
        with closing(Publisher(uri, prefix)) as publisher:
            for start in range(0, len(batch), WINDOW):
                window = batch[start : start + WINDOW]
                result = publisher.publish(window, replay_to=to)
                assert result.confirmed == {event.id for event in window}, result


def _by_producer(events: Sequence[OutgoingEvent]) -> dict[str, list[OutgoingEvent]]:
    found: dict[str, list[OutgoingEvent]] = {}
    for event in events:
        contract = of_type(event.type)
        assert contract is not None
        found.setdefault(contract.producer, []).append(event)
    return found


def message(event: Envelope | bytes, **changes: Any) -> ReceivedMessage:
    """An event, or any bytes that came as `agency.set.v1`, as received from whoever may publish it."""
    body = event if isinstance(event, bytes) else encode(event)
    type = "agency.set.v1" if isinstance(event, bytes) else event.type
    contract = of_type(type)
    assert contract is not None
    return ReceivedMessage(body, len(body), f"nilai_{contract.producer}", type)._replace(**changes)


def reject_for_good(uri: str, queue: Queue) -> None:
    """Give the only message of a queue back so often that the broker dead-letters it."""
    with broker.connect(uri) as connection:
        channel: amqp.Channel = connection.channel()
        times = 0
        while (message := channel.basic_get(queue.name)) is not None or times < DELIVERY_LIMIT:
            if message is not None:
                channel.basic_reject(message.delivery_tag, requeue=True)
                times += 1
