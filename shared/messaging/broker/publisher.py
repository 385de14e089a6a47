"""Publishing with pipelined publisher confirms."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from kombu import Connection, Producer

from shared.events.envelope import CONTENT_TYPE
from shared.messaging.broker.connection import Heartbeat, connect, discard
from shared.messaging.broker.received import REBUILD
from shared.messaging.broker.topology import exchange, replay_exchange

CONFIRM_SECONDS = 15.0
POLL_SECONDS = 0.5
WINDOW = 256
"""How many events may be published before their confirms are waited for."""


@dataclass(frozen=True)
class OutgoingEvent:
    """A stored event on its way out: the bytes are published as they are."""

    id: str
    type: str
    body: bytes


@dataclass(frozen=True)
class PublishResult:
    """What the broker said of a batch: which ids it confirmed, could not route, refused."""

    confirmed: frozenset[str] = frozenset()
    unroutable: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    @classmethod
    def merge(cls, results: Iterable[Self]) -> Self:
        """The result of several batches together."""
        merged = list(results)
        return cls(
            frozenset().union(*(result.confirmed for result in merged)),
            frozenset().union(*(result.unroutable for result in merged)),
            frozenset().union(*(result.refused for result in merged)),
        )


class Publisher:
    """Publishes stored events and says which of them the broker has confirmed.

    Confirms are collected by their delivery tags. After any error the connection is thrown away: a late confirm
    of one message must never be taken for another's.
    """

    def __init__(self, uri: str, prefix: str) -> None:
        self._uri = uri
        self._prefix = prefix
        self._connection: Connection | None = None
        self._unsettled: dict[int, str] = {}
        self._settled: dict[str, set[str]] = {}

    def publish(
        self, batch: Sequence[OutgoingEvent], replay_to: str | None = None, rebuild: str = ""
    ) -> PublishResult:
        """Publish up to WINDOW events and wait until the broker has confirmed or refused every one.

        With `replay_to` they go to that one consumer; `rebuild` names the rebuilding of its replica that needs them.

        Raises OSError or an AMQP error when the broker is away, one of REFUSALS when it does not allow one of
        them; some events may then have arrived.
        """
        self._settled = {"confirmed": set(), "unroutable": set(), "refused": set()}
        self._unsettled.clear()
        try:
            self._send(batch, replay_to, rebuild)
            self._await_confirms()
        except BaseException:
            self.close()
            raise
        unroutable = self._settled["unroutable"]
        return PublishResult(
            frozenset(self._settled["confirmed"] - unroutable),
            frozenset(unroutable),
            frozenset(self._settled["refused"]),
        )

    def heartbeat(self) -> None:
        """Keep an idle connection alive; called at least every few seconds."""
        if self._connection is not None:
            try:
                self._heartbeat.check()
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
            self._connection = connect(self._uri)
            channel = self._connection.channel()
            channel.confirm_select()
            channel.events["basic_ack"].add(lambda tag, multiple: self._settle("confirmed", tag, multiple))
            channel.events["basic_nack"].add(lambda tag, multiple: self._settle("refused", tag, multiple))
            channel.events["basic_return"].add(self._returned)
            # Without it no consumer believes anything; the broker refuses one that is not the connection's own.
            self._user = self._connection.userid or "guest"
            self._producer = Producer(channel, auto_declare=False)
            self._heartbeat = Heartbeat(self._connection)
            self._tag = 0
        return self._producer

    def _send(self, batch: Sequence[OutgoingEvent], replay_to: str | None, rebuild: str) -> None:
        producer = self._open()
        target = replay_exchange(self._prefix, replay_to) if replay_to else exchange(self._prefix)
        headers = {REBUILD: rebuild} if rebuild else None
        for event in batch:
            self._tag += 1
            self._unsettled[self._tag] = event.id
            producer.publish(
                event.body,
                exchange=target.name,
                routing_key=event.type,
                headers=headers,
                user_id=self._user,
                content_type=CONTENT_TYPE,
                content_encoding="utf-8",
                delivery_mode=2,
                mandatory=True,
                message_id=event.id,
                type=event.type,
            )

    def _await_confirms(self) -> None:
        until = time.monotonic() + CONFIRM_SECONDS
        while self._unsettled:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(
                    f"{len(self._unsettled)} events were not confirmed in {CONFIRM_SECONDS:g} s"
                )
            assert self._connection is not None
            # Each heartbeat of the broker begins this time-out anew: a longer one might never run out.
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=min(left, POLL_SECONDS))
            self._heartbeat.check()

    def _settle(self, outcome: str, tag: int, multiple: bool) -> None:
        tags = [pending for pending in self._unsettled if pending <= tag] if multiple else [tag]
        self._settled[outcome].update(
            self._unsettled.pop(pending) for pending in tags if pending in self._unsettled
        )

    def _returned(self, problem: Exception, exchange: str, key: str, message: Any) -> None:
        self._settled["unroutable"].add(message.properties["message_id"])
