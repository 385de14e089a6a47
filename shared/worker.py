"""The worker of a service: threads that hear, tell and do jobs; when one of them dies, the process ends."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from logging import ERROR, WARNING
from threading import Event, Thread

from kombu import Message

from shared.core import telemetry, tracing
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.events import Envelope, Unreadable, decode
from shared.jobs.queue import Job, Runner
from shared.messaging import broker, deferred, inbox
from shared.messaging.inbox import Handlers, IncomingEvent
from shared.messaging.outbox import Relay, purge
from shared.storage.leases import Lease
from shared.storage.mongo import Store, is_unavailable

TAKE_SECONDS = 0.2
DUE_SECONDS = 0.5
AWAY_SECONDS = 1.0
GAUGE_SECONDS = 5.0

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class Sweep:
    """Something that one worker of a service looks after every so many seconds."""

    every: float
    work: Callable[[Store], None]


@dataclass
class Worker:
    """One worker process of one service."""

    settings: Settings
    store: Store
    handlers: Handlers
    jobs: Mapping[str, Job] = field(default_factory=dict)
    sweeps: Mapping[str, Sweep] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)
    woken: Event = field(default_factory=Event)
    died: list[str] = field(default_factory=list)

    def run(self) -> int:
        """Work until SIGTERM or until a thread dies; gives the exit code."""
        if self.settings.otlp_endpoint:
            tracing.start(self.settings.service, self.settings.otlp_endpoint)
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: self.stop.set())
        if self.settings.metrics_port:
            telemetry.serve_metrics(self.settings.metrics_port, self.settings.host)
        threads = [Thread(target=self._guarded, args=(duty,), name=duty.__name__) for duty in self._duties()]
        for thread in threads:
            thread.start()
        log.info("worker ready", extra={"pid": os.getpid(), "duties": [one.name for one in threads]})
        self.stop.wait()
        for thread in threads:
            thread.join()
        self.store.close()
        tracing.stop()
        log.info("worker stopped", extra={"died": self.died})
        return 1 if self.died else 0

    def _duties(self) -> Sequence[Callable[[], None]]:
        return [self.hear, self.tell, self.run_periodic, *([self.run_jobs] if self.jobs else [])]

    def _guarded(self, duty: Callable[[], None]) -> None:
        try:
            duty()
        except BaseException:
            self.died.append(duty.__name__)
            log.exception("a thread of the worker died", extra={"duty": duty.__name__})
            self.stop.set()

    def tell(self) -> None:
        """Tell the outbox."""
        publisher = broker.Publisher(self.settings.amqp_uri, self.settings.prefix)
        Relay(self.store, publisher).run(self.stop, self.woken)

    def run_jobs(self) -> None:
        """Do the service's jobs."""
        Runner(self.store, self.jobs).run(self.stop)

    # hearing

    def hear(self) -> None:
        """Hear the queue and the waiting rows, in batches."""
        ears = _Ears(self)
        while not self.stop.is_set():
            try:
                ears.turn()
            except broker.ERRORS as problem:
                log.warning("the broker is away", extra={"problem": repr(problem)})
                ears.close()
                self.stop.wait(AWAY_SECONDS)
        ears.close()

    def wait_for_database(self, work: Callable[[], None], beat: Callable[[], None]) -> bool:
        """Do something that needs the database, waiting as long as that is away; False when told to stop meanwhile."""
        while not self.stop.is_set():
            try:
                work()
                return True
            except Exception as problem:
                if not is_unavailable(problem):
                    raise
                log.warning("the database is away", extra={"problem": repr(problem)})
                self.stop.wait(AWAY_SECONDS)
                beat()
        return False

    # looking after

    def run_periodic(self) -> None:
        """Keep the gauges true and run the sweeps that this worker holds the lease for."""
        sweeps = {"journal": Sweep(3600, lambda store: _purge(store, self.settings)), **self.sweeps}
        leases = {
            name: Lease(self.store, f"sweep:{name}", max(30, 2 * one.every)) for name, one in sweeps.items()
        }
        due = dict.fromkeys(sweeps, 0.0)
        gauges = 0.0
        while not self.stop.wait(0.2):
            if time.monotonic() >= gauges:
                self._try("gauges", self._gauges)
                gauges = time.monotonic() + GAUGE_SECONDS
            for name, sweep in sweeps.items():
                if time.monotonic() >= due[name]:
                    due[name] = time.monotonic() + sweep.every
                    self._try(name, partial(self._sweep, leases[name], sweep))
        for lease in leases.values():
            lease.give_up()

    def _sweep(self, lease: Lease, sweep: Sweep) -> None:
        if lease.held():
            sweep.work(self.store)

    def _try(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as problem:
            expected = isinstance(problem, broker.ERRORS) or is_unavailable(problem)
            level, trace = (WARNING, None) if expected else (ERROR, problem)
            log.log(
                level,
                "could not look after",
                extra={"what": name, "problem": repr(problem)},
                exc_info=trace,
            )

    def _gauges(self) -> None:
        rows, outbox = self.store.db["waiting"], self.store.db["outbox"]
        telemetry.WAITING_ROWS.set(rows.count_documents({"state": {"$in": ["waiting", "retry"]}}))
        telemetry.OUTBOX_ROWS.set(outbox.count_documents({"pending": True}))
        oldest = outbox.find_one({"pending": True}, sort=[("at", 1)])
        telemetry.OUTBOX_AGE.set((utcnow() - oldest["at"]).total_seconds() if oldest else 0)
        queue = broker.queue(self.settings.prefix, self.settings.service)
        dead_queue = broker.dead_queue(self.settings.prefix, self.settings.service)
        depth = broker.depth(self.settings.amqp_uri, [queue.name, dead_queue.name])
        telemetry.QUEUE_DEPTH.set(depth.get(queue.name, 0))
        telemetry.DEAD_ROWS.set(rows.count_documents({"state": "dead"}) + depth.get(dead_queue.name, 0))
        broker.drain_dead(
            self.settings.amqp_uri,
            dead_queue,
            lambda body: deferred.bury(self.store, body, "the broker gave it up after too many deliveries"),
        )


def _purge(store: Store, settings: Settings) -> None:
    gone = purge(store, settings.journal_days)
    if gone:
        log.info("journal rows forgotten", extra={"rows": gone})


def _account(envelope: Envelope, outcome: str) -> None:
    """One log line and one measurement for each event."""
    telemetry.HEARD.labels(envelope.type, outcome).inc()
    with telemetry.about(envelope.correlation, envelope.trace):
        extra = {"type": envelope.type, "event": envelope.id, "subject": envelope.subject, "outcome": outcome}
        log.info("heard", extra=extra)


class _Ears:
    """The hearing thread's connection and what it has in hand."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._inbound: broker.Inbound | None = None
        self._due = 0.0

    def turn(self) -> None:
        worker = self._worker
        if time.monotonic() >= self._due:
            worker.wait_for_database(self._handle_due, self._beat)
            self._due = time.monotonic() + DUE_SECONDS
        if self._inbound is None:
            queue = broker.queue(worker.settings.prefix, worker.settings.service)
            self._inbound = broker.Inbound(worker.settings.amqp_uri, queue)
        messages = self._inbound.take(TAKE_SECONDS)
        if messages and worker.wait_for_database(lambda: self._handle(messages), self._beat):
            self._inbound.ack(messages)

    def close(self) -> None:
        if self._inbound is not None:
            self._inbound.close()
            self._inbound = None

    def _beat(self) -> None:
        if self._inbound is not None:
            self._inbound.beat()

    def _handle(self, messages: Sequence[Message]) -> None:
        read = [(broker.deliveries(one), heard) for one in messages if (heard := self._read(broker.raw(one)))]
        risky = [heard for deliveries, heard in read if deliveries > deferred.RISKY_DELIVERIES]
        if risky:
            deferred.set_aside(self._worker.store, risky)
        self._work([heard for deliveries, heard in read if deliveries <= deferred.RISKY_DELIVERIES])

    def _handle_due(self) -> None:
        store = self._worker.store
        for heard in deferred.begin(store, deferred.due(store, self._worker.handlers)):
            self._work(heard)

    def _read(self, body: bytes) -> IncomingEvent | None:
        try:
            envelope = decode(body)
        except Unreadable as problem:
            deferred.bury(self._worker.store, body, str(problem))
            return None
        if type(envelope.event) not in self._worker.handlers:
            deferred.bury(self._worker.store, body, f"nobody here hears {envelope.type}")
            return None
        return IncomingEvent(envelope, body=body)

    def _work(self, heard: Sequence[IncomingEvent]) -> None:
        if not heard:
            return
        with telemetry.BATCH_SECONDS.time():
            outcomes = inbox.handle(self._worker.store, self._worker.handlers, heard, self._beat)
        telemetry.BATCH.observe(len(heard))
        for one in heard:
            _account(one.envelope, outcomes[one.envelope.id])
        if "done" in outcomes.values():
            self._worker.woken.set()
        if {"waiting", "done"} & set(outcomes.values()):
            self._due = min(self._due, time.monotonic() + 0.05)
