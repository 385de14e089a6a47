"""Consuming a queue in batches."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from amqp import Message
from amqp.exceptions import AMQPError
from kombu import Queue

from shared.messaging.broker.connection import Heartbeat, connect, discard
from shared.messaging.broker.received import ReceivedMessage, received

PREFETCH = 256
BATCH = 128
BATCH_BYTES = 4 * 1024 * 1024
LINGER_SECONDS = 0.004


class Subscriber:
    """One queue, read in batches; nothing is acknowledged before `ack`.

    Messages are taken as py-amqp gives them: kombu's own would decompress and decode what a header tells it to.
    """

    def __init__(self, uri: str, queue: Queue) -> None:
        self._connection = connect(uri)
        self._buffer: list[ReceivedMessage] = []
        try:
            self._channel = self._connection.channel()
            self._channel.basic_qos(0, PREFETCH, a_global=False)
            self._channel.basic_consume(queue.name, callback=self._buffered)
        except BaseException:
            self.close()
            raise
        self._heartbeat = Heartbeat(self._connection)

    def _buffered(self, message: Message) -> None:
        self._buffer.append(received(message))

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
        with suppress(TimeoutError), _readable():
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


@contextmanager
def _readable() -> Iterator[None]:
    """Raise ConnectionError for a frame that the library cannot read: the connection is of no more use then."""
    try:
        yield
    except (OSError, AMQPError):
        raise
    except Exception as problem:
        raise ConnectionError(f"a frame of the broker cannot be read: {problem!r}") from problem


def drain(
    uri: str,
    queue: Queue,
    keep: Callable[[ReceivedMessage], None],
    read: Callable[[Message], ReceivedMessage] = received,
) -> int:
    """Hand every message of a queue to `keep`, acknowledging each after it; gives their number."""
    with connect(uri) as connection:
        channel, count = connection.channel(), 0
        while (message := channel.basic_get(queue.name)) is not None:
            keep(read(message))
            channel.basic_ack(message.delivery_tag)
            count += 1
        return count
