"""The worker of a service: threads that consume, publish and do jobs; when one of them dies, the process ends."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from logging import ERROR, WARNING
from threading import Event, Thread

from shared.core import telemetry, tracing
from shared.core.settings import Settings
from shared.jobs import queue
from shared.jobs.queue import Job
from shared.jobs.runner import THREADS, Runner
from shared.messaging import broker, heartbeats, monitoring, outbox
from shared.messaging.consumer import Consumer
from shared.messaging.inbox import Handlers
from shared.messaging.outbox import Relay
from shared.storage.leases import Lease
from shared.storage.mongo import Store, is_unavailable

TICK_SECONDS = 0.2
MONITOR_SECONDS = 5.0
PURGE_SECONDS = 3600.0

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class Sweep:
    """Something that one worker of a service, whichever holds its lease, does every so many seconds."""

    every: float
    work: Callable[[Store], None]


@dataclass
class _Periodic:
    """Something that this worker does every so many seconds."""

    every: float
    work: Callable[[], None]
    due: float = 0.0


@dataclass
class Worker:
    """One worker process of one service."""

    settings: Settings
    store: Store
    handlers: Handlers
    jobs: Mapping[str, Job] = field(default_factory=dict)
    sweeps: Mapping[str, Sweep] = field(default_factory=dict)
    job_threads: int = THREADS
    stop: Event = field(default_factory=Event)
    emitted: Event = field(default_factory=Event)
    died: list[str] = field(default_factory=list)

    def run(self) -> int:
        """Work until SIGTERM or until a thread dies; gives the exit code."""
        if self.settings.otlp_endpoint:
            tracing.start(self.settings.service, self.settings.otlp_endpoint)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        if self.settings.metrics_port:
            telemetry.serve_metrics(self.settings.metrics_port, self.settings.host)
        threads = [Thread(target=self._guarded, args=(duty,), name=duty.__name__) for duty in self._duties()]
        for thread in threads:
            thread.start()
        log.info("worker ready", extra={"pid": os.getpid(), "threads": [thread.name for thread in threads]})
        self.stop.wait()
        for thread in threads:
            thread.join()
        self.store.close()
        tracing.stop()
        log.info("worker stopped", extra={"died": self.died})
        return 1 if self.died else 0

    def _duties(self) -> Sequence[Callable[[], None]]:
        return [self.consume, self.publish, self.run_periodic, *([self.run_jobs] if self.jobs else [])]

    def _guarded(self, duty: Callable[[], None]) -> None:
        try:
            duty()
        except BaseException:
            self.died.append(duty.__name__)
            log.exception("a thread of the worker died", extra={"thread": duty.__name__})
            self.stop.set()

    def consume(self) -> None:
        """Handle what other services publish, and what was deferred."""
        Consumer(self.settings, self.store, self.handlers, self.emitted).run(self.stop)

    def publish(self) -> None:
        """Publish the outbox."""
        publisher = broker.Publisher(self.settings.amqp_uri, self.settings.prefix)
        Relay(self.store, publisher).run(self.stop, self.emitted)

    def run_jobs(self) -> None:
        """Do the service's jobs."""
        Runner(self.store, self.jobs, self.job_threads).run(self.stop)

    def run_periodic(self) -> None:
        """Keep the gauges true, collect dead letters, and run the sweeps that this worker holds the lease for."""
        sweeps = {"journal": Sweep(PURGE_SECONDS, self._purge_journal), **self.sweeps}
        leases = {
            name: Lease(self.store, f"sweep:{name}", max(30, 2 * sweep.every))
            for name, sweep in sweeps.items()
        }
        periodic = {
            "gauges": _Periodic(MONITOR_SECONDS, self._update_gauges),
            "dead letters": _Periodic(MONITOR_SECONDS, self._collect_dead_letters),
            **{
                name: _Periodic(sweep.every, partial(self._sweep, leases[name], sweep))
                for name, sweep in sweeps.items()
            },
        }
        while not self.stop.wait(TICK_SECONDS):
            for name, task in periodic.items():
                if time.monotonic() >= task.due:
                    task.due = time.monotonic() + task.every
                    _run_logged(name, task.work)
        for lease in leases.values():
            lease.release()

    def _sweep(self, lease: Lease, sweep: Sweep) -> None:
        if lease.acquire():
            sweep.work(self.store)

    def _update_gauges(self) -> None:
        heartbeats.begin(self.store)
        monitoring.update_gauges(self.store, self.settings)
        for (kind, state), number in self.store.query(queue.count, self.jobs).items():
            telemetry.JOBS.labels(kind, state).set(number)

    def _collect_dead_letters(self) -> None:
        monitoring.collect_dead_letters(self.store, self.settings)

    def _purge_journal(self, store: Store) -> None:
        if purged := outbox.purge(store, self.settings.journal_days):
            log.info("journal purged", extra={"rows": purged})


def _run_logged(name: str, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as problem:
        expected = isinstance(problem, broker.ERRORS) or is_unavailable(problem)
        log.log(
            WARNING if expected else ERROR,
            "periodic task failed",
            extra={"task": name, "problem": repr(problem)},
            exc_info=None if expected else problem,
        )
