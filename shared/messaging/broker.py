"""RabbitMQ through kombu: pipelined confirmed publishing, consuming in batches."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from amqp.exceptions import NotFound
from kombu import Connection, Consumer, Message, Producer, Queue

from shared.events.envelope import CONTENT_TYPE
from shared.messaging import topology
from shared.messaging.topology import (
    ERRORS,
    REFUSALS,
    connect,
    dead_queue,
    discard,
    exchange,
    prepare,
    queue,
    remove,
)

__all__ = [
    "ERRORS",
    "REFUSALS",
    "Inbound",
    "Outgoing",
    "Publisher",
    "Told",
    "connect",
    "dead_queue",
    "deliveries",
    "depth",
    "discard",
    "drain_dead",
    "exchange",
    "prepare",
    "queue",
    "raw",
    "remove",
    "together",
]

PREFETCH = 256
BATCH = 128
BATCH_BYTES = 4 * 1024 * 1024
LINGER_SECONDS = 0.004
CONFIRM_SECONDS = 15.0
LOOK_SECONDS = 0.5
WINDOW = 256
BEATS = 5
"""How often within one heartbeat's time a connection may be looked at."""


class _Pulse:
    """Keeps a connection alive that nothing is read from or written to for a while."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._at = time.monotonic()

    def beat(self) -> None:
        """Send what is due and take in what came; an AMQP error when the broker fell silent."""
        if time.monotonic() - self._at > topology.HEARTBEAT_SECONDS / BEATS:
            self._at = time.monotonic()
            # What is not read counts as silence, and would end a healthy connection.
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.001)
            self._connection.heartbeat_check()


@dataclass(frozen=True)
class Outgoing:
    """A stored event on its way out: the bytes are published as they are."""

    id: str
    type: str
    body: bytes


@dataclass(frozen=True)
class Told:
    """What the broker said of a batch: which ids it keeps, which it could not route, which it refused."""

    confirmed: frozenset[str]
    unroutable: frozenset[str]
    refused: frozenset[str]


def together(parts: Iterable[Told]) -> Told:
    """What the broker said of several batches."""
    told = list(parts)
    return Told(
        frozenset().union(*(one.confirmed for one in told)),
        frozenset().union(*(one.unroutable for one in told)),
        frozenset().union(*(one.refused for one in told)),
    )


class Publisher:
    """Publishes stored events and says which of them the broker has confirmed.

    Confirms are collected by their delivery tags. After any error the connection is thrown away: a late confirm
    of one message must never be taken for another's.
    """

    def __init__(self, uri: str, prefix: str, queue: str | None = None) -> None:
        """With `queue`, everything goes to that one queue and nowhere else (a replay)."""
        self._uri = uri
        self._exchange = "" if queue else exchange(prefix).name
        self._queue = queue
        self._connection: Connection | None = None
        self._tags: dict[int, str] = {}
        self._done: dict[str, set[str]] = {}

    def publish(self, batch: Sequence[Outgoing]) -> Told:
        """Publish up to WINDOW events and wait for the broker's word on every one.

        Raises OSError or an AMQP error when the broker is away, one of REFUSALS when it does not allow one of
        them; some events may then have arrived.
        """
        self._done = {"confirmed": set(), "unroutable": set(), "refused": set()}
        self._tags.clear()
        try:
            self._send(batch)
            self._collect()
        except BaseException:
            self.close()
            raise
        unroutable, refused = self._done["unroutable"], self._done["refused"]
        return Told(
            frozenset(self._done["confirmed"] - unroutable), frozenset(unroutable), frozenset(refused)
        )

    def beat(self) -> None:
        """Keep an idle connection alive; called at least every few seconds."""
        if self._connection is not None:
            try:
                self._pulse.beat()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Throw the connection away, without waiting for a broker that may be gone."""
        connection, self._connection = self._connection, None
        if connection is not None:
            discard(connection)

    def _open(self) -> Producer:
        if self._connection is None:
            connection = connect(self._uri)
            self._connection = connection
            channel = connection.channel()
            channel.confirm_select()
            channel.events["basic_ack"].add(lambda tag, multiple: self._settle("confirmed", tag, multiple))
            channel.events["basic_nack"].add(lambda tag, multiple: self._settle("refused", tag, multiple))
            channel.events["basic_return"].add(self._returned)
            self._producer = Producer(channel, auto_declare=False)
            self._pulse = _Pulse(connection)
            self._tag = 0
        return self._producer

    def _send(self, batch: Sequence[Outgoing]) -> None:
        producer = self._open()
        for one in batch:
            self._tag += 1
            self._tags[self._tag] = one.id
            producer.publish(
                one.body,
                exchange=self._exchange,
                routing_key=self._queue or one.type,
                content_type=CONTENT_TYPE,
                content_encoding="utf-8",
                delivery_mode=2,
                mandatory=True,
                message_id=one.id,
                type=one.type,
            )

    def _collect(self) -> None:
        until = time.monotonic() + CONFIRM_SECONDS
        while self._tags:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{len(self._tags)} events were not confirmed in {CONFIRM_SECONDS:g} s")
            assert self._connection is not None
            # Each heartbeat of the broker begins this time-out anew: a longer one might never run out.
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=min(left, LOOK_SECONDS))
            self._pulse.beat()

    def _settle(self, word: str, tag: int, multiple: bool) -> None:
        tags = [one for one in self._tags if one <= tag] if multiple else [tag]
        self._done[word].update(self._tags.pop(one) for one in tags if one in self._tags)

    def _returned(self, problem: Exception, exchange: str, key: str, message: Any) -> None:
        self._done["unroutable"].add(message.properties["message_id"])


class Inbound:
    """One service's queue, read in batches; nothing is acknowledged before `ack`."""

    def __init__(self, uri: str, queue: Queue) -> None:
        self._connection = connect(uri)
        self._buffer: list[Message] = []
        try:
            self._consume(queue)
        except BaseException:
            self.close()
            raise
        self._pulse = _Pulse(self._connection)

    def _consume(self, queue: Queue) -> None:
        channel = self._connection.channel()
        consumer = Consumer(channel, [queue], on_message=self._buffer.append, auto_declare=False)
        consumer.qos(prefetch_count=PREFETCH, apply_global=False)
        consumer.consume()

    def take(self, wait: float) -> list[Message]:
        """Up to BATCH messages or BATCH_BYTES; empty when none came within `wait` seconds.

        Raises OSError or an AMQP error when the broker is away: what was taken and not acknowledged comes again.
        """
        if not self._buffer:
            self._drain(wait)
        until = time.monotonic() + LINGER_SECONDS
        while self._buffer and not self._full() and (left := until - time.monotonic()) > 0:
            self._drain(left)
        size = self._full() or len(self._buffer)
        batch, self._buffer[:] = self._buffer[:size], self._buffer[size:]
        return batch

    def _full(self) -> int:
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
        self.beat()

    def beat(self) -> None:
        """Keep the connection alive; called at least every few seconds."""
        self._pulse.beat()

    def ack(self, batch: Sequence[Message]) -> None:
        """Acknowledge a batch and everything delivered before it."""
        if batch:
            batch[-1].channel.basic_ack(batch[-1].delivery_tag, multiple=True)

    def close(self) -> None:
        """Give everything unacknowledged back."""
        discard(self._connection)


def drain_dead(uri: str, queue: Queue, keep: Callable[[bytes], None]) -> int:
    """Hand every message of a dead queue to `keep`, acknowledging each after it; gives their number."""
    with connect(uri) as connection:
        bound, count = queue(connection.channel()), 0
        while (message := bound.get(no_ack=False)) is not None:
            keep(raw(message))
            message.ack()
            count += 1
        return count


def depth(uri: str, names: Iterable[str]) -> dict[str, int]:
    """How many messages are ready in each queue; a queue that is not there is left out."""
    found: dict[str, int] = {}
    with connect(uri) as connection:
        for name in names:
            try:
                found[name] = Queue(name)(connection.channel()).queue_declare(passive=True).message_count
            except NotFound:
                continue
    return found


def raw(message: Message) -> bytes:
    """The bytes of a message as they were published."""
    body = message.body
    return body.encode() if isinstance(body, str) else bytes(body)


def deliveries(message: Message) -> int:
    """How often a message was delivered, this time included."""
    return int(message.headers.get("x-delivery-count", 0)) + 1
