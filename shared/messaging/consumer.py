"""The consumer: takes a service's queue in batches, and tries deferred events again."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event
from typing import Any

from shared.core import telemetry
from shared.core.settings import Settings
from shared.events import Envelope, Unreadable, contract_of
from shared.messaging import broker, deferred, heartbeats, inbox, rebuilding
from shared.messaging.broker import ReceivedMessage, Subscriber
from shared.messaging.dead_letters import keep, keep_event, rejected
from shared.messaging.inbox import Handlers, IncomingEvent
from shared.messaging.retries import retry_due
from shared.messaging.senders import Refused, read
from shared.storage.mongo import Store, is_unavailable
from shared.storage.reader import Doc

RECEIVE_SECONDS = 0.2
RETRY_DUE_SECONDS = 0.5
RETRY_RESOLVED_SECONDS = 0.05
RECONNECT_SECONDS = 1.0
RISKY_DELIVERIES = 3
"""A message delivered more often than this may be what ends the process."""

log = telemetry.logger(__name__)


class Consumer:
    """Handles what comes through one service's queue, and what was deferred before; `emitted` is set after it."""

    def __init__(self, settings: Settings, store: Store, handlers: Handlers, emitted: Event) -> None:
        self._settings = settings
        self._store = store
        self._handlers = handlers
        self._emitted = emitted
        self._subscriber: Subscriber | None = None
        self._next_retry = 0.0

    def run(self, stop: Event) -> None:
        """Consume until `stop`, waiting for a broker or a database that is away."""
        while not stop.is_set():
            try:
                self._turn(stop)
            except broker.ERRORS as problem:
                log.warning("broker unavailable", extra={"problem": repr(problem)})
                self._close()
                stop.wait(RECONNECT_SECONDS)
        self._close()

    def _turn(self, stop: Event) -> None:
        if time.monotonic() >= self._next_retry:
            self._wait_for_database(self._retry_deferred, stop)
            self._next_retry = time.monotonic() + RETRY_DUE_SECONDS
        if self._subscriber is None:
            queue = broker.queue(self._settings.prefix, self._settings.service)
            self._subscriber = Subscriber(self._settings.amqp_uri, queue)
        messages = self._subscriber.receive(RECEIVE_SECONDS)
        if messages and self._wait_for_database(partial(self._handle_messages, messages), stop):
            self._subscriber.ack(messages)

    def _wait_for_database(self, work: Callable[[], None], stop: Event) -> bool:
        """Do something that needs the database, waiting as long as that is away; False when told to stop meanwhile."""
        while not stop.is_set():
            try:
                work()
                return True
            except Exception as problem:
                if not is_unavailable(problem):
                    raise
                log.warning("database unavailable", extra={"problem": repr(problem)})
                stop.wait(RECONNECT_SECONDS)
                self._heartbeat()
        return False

    def _close(self) -> None:
        if self._subscriber is not None:
            self._subscriber.close()
            self._subscriber = None

    def _heartbeat(self) -> None:
        if self._subscriber is not None:
            self._subscriber.heartbeat()

    def _handle_messages(self, messages: Sequence[ReceivedMessage]) -> None:
        events: list[IncomingEvent] = []
        risky: list[IncomingEvent] = []
        beats: list[Any] = []
        dead: list[Doc] = []
        for message in messages:
            try:
                envelope = read(message, self._settings.amqp_users)
            except (Unreadable, Refused) as problem:
                dead.append(rejected(message, problem))
                continue
            if heartbeats.is_heartbeat(envelope.event):
                beats.append(envelope.event)
            elif self._is_handled(envelope, message):
                event = IncomingEvent(envelope, body=message.body, rebuilding=message.rebuild)
                (risky if message.delivery_count > RISKY_DELIVERIES else events).append(event)
        keep(self._store, dead)
        if risky:
            deferred.defer(self._store, risky, "delivered too often")
        if events:
            self._handle(events)
        for beat in beats:
            heartbeats.record(self._store, contract_of(beat).producer, beat.until)
            rebuilding.finish(self._store, self._handlers, beat)

    def _is_handled(self, envelope: Envelope, message: ReceivedMessage) -> bool:
        if type(envelope.event) in self._handlers:
            return True
        keep_event(self._store, envelope, message.body, f"no handler for {envelope.type}")
        return False

    def _retry_deferred(self) -> None:
        retry_due(self._store, self._handlers, self._handle)

    def _handle(self, events: Sequence[IncomingEvent]) -> None:
        with telemetry.BATCH_SECONDS.time():
            outcomes = inbox.handle(self._store, self._handlers, events, self._heartbeat)
        telemetry.BATCH.observe(len(events))
        for event in events:
            _record_outcome(event.envelope, outcomes[event.envelope.key])
        if "done" in outcomes.values():
            self._emitted.set()
        if {"waiting", "done"} & set(outcomes.values()):
            self._next_retry = min(self._next_retry, time.monotonic() + RETRY_RESOLVED_SECONDS)


def _record_outcome(envelope: Envelope, outcome: str) -> None:
    telemetry.EVENTS_CONSUMED.labels(envelope.type, outcome).inc()
    with telemetry.about(envelope.correlation, envelope.trace):
        extra = {"type": envelope.type, "event": envelope.id, "subject": envelope.subject, "outcome": outcome}
        log.info("event consumed", extra=extra)
