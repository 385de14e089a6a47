"""Consuming a queue in batches."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kombu import Consumer, Message, Queue

from shared.messaging.broker.connection import Heartbeat, connect, discard

PREFETCH = 256
BATCH = 128
BATCH_BYTES = 4 * 1024 * 1024
LINGER_SECONDS = 0.004


@dataclass(frozen=True)
class ReceivedMessage:
    """A message that is not acknowledged yet; `delivery_count` says how often it was delivered, this time included."""

    body: bytes
    delivery_count: int
    delivery_tag: int


def _received(message: Message) -> ReceivedMessage:
    count = int(message.headers.get("x-delivery-count", 0)) + 1
    return ReceivedMessage(body_of(message), count, message.delivery_tag)


def body_of(message: Message) -> bytes:
    """The bytes of a message as they were published."""
    body = message.body
    return body.encode() if isinstance(body, str) else bytes(body)


class Subscriber:
    """One queue, read in batches; nothing is acknowledged before `ack`."""

    def __init__(self, uri: str, queue: Queue) -> None:
        self._connection = connect(uri)
        self._buffer: list[ReceivedMessage] = []
        try:
            self._channel = self._connection.channel()
            self._consume(queue)
        except BaseException:
            self.close()
            raise
        self._heartbeat = Heartbeat(self._connection)

    def _consume(self, queue: Queue) -> None:
        consumer = Consumer(self._channel, [queue], on_message=self._buffered, auto_declare=False)
        consumer.qos(prefetch_count=PREFETCH, apply_global=False)
        consumer.consume()

    def _buffered(self, message: Message) -> None:
        self._buffer.append(_received(message))

    def receive(self, wait: float) -> list[ReceivedMessage]:
        """Up to BATCH messages or BATCH_BYTES; empty when none came within `wait` seconds.

        Raises OSError or an AMQP error when the broker is away: what was received and not acknowledged comes again.
        """
        if not self._buffer:
            self._drain(wait)
        until = time.monotonic() + LINGER_SECONDS
        while self._buffer and not self._full_batch() and (left := until - time.monotonic()) > 0:
            self._drain(left)
        size = self._full_batch() or len(self._buffer)
        batch, self._buffer[:] = self._buffer[:size], self._buffer[size:]
        return batch

    def _full_batch(self) -> int:
        """How many messages make a full batch; 0 while there is room."""
        total = 0
        for count, message in enumerate(self._buffer, 1):
            total += len(message.body)
            if count == BATCH or total >= BATCH_BYTES:
                return count
        return 0

    def _drain(self, wait: float) -> None:
        with suppress(TimeoutError):
            self._connection.drain_events(timeout=wait)
        self.heartbeat()

    def heartbeat(self) -> None:
        """Keep the connection alive; called at least every few seconds."""
        self._heartbeat.check()

    def ack(self, batch: Sequence[ReceivedMessage]) -> None:
        """Acknowledge a batch, which is not empty, and everything delivered before it."""
        self._channel.basic_ack(batch[-1].delivery_tag, multiple=True)

    def close(self) -> None:
        """Give everything unacknowledged back."""
        discard(self._connection)


def drain(uri: str, queue: Queue, keep: Callable[[bytes], None]) -> int:
    """Hand the body of every message of a queue to `keep`, acknowledging each after it; gives their number."""
    with connect(uri) as connection:
        bound, count = queue(connection.channel()), 0
        while (message := bound.get(no_ack=False)) is not None:
            keep(body_of(message))
            message.ack()
            count += 1
        return count
