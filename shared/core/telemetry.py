"""What a process says of itself: JSON log lines under one correlation id, and Prometheus metrics."""

import contextvars
import logging
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)

REQUESTS = Counter("nilai_requests_total", "Requests answered.", ("method", "route", "status"))
REQUEST_SECONDS = Histogram("nilai_request_seconds", "Time to answer.", ("method", "route"), buckets=SECONDS)
EVENTS_CONSUMED = Counter("nilai_events_consumed_total", "Events handled, by outcome.", ("type", "outcome"))
EVENTS_PUBLISHED = Counter("nilai_events_published_total", "Events that the broker confirmed.", ("type",))
MESSAGES_REFUSED = Counter(
    "nilai_messages_refused_total", "Messages that were not believed, by the rule that they break.", ("rule",)
)
JOB_ATTEMPTS = Counter(
    "nilai_job_attempts_total", "Attempts at jobs, by how they ended.", ("kind", "outcome")
)
UPLOAD_FAILURES = Counter(
    "nilai_upload_failures_total",
    "Uploads that failed for good in a browser, by the stage and the status of the answer (0: none came).",
    ("stage", "status"),
)
BATCH = Histogram("nilai_batch_events", "Events handled in one transaction.", buckets=SIZES)
BATCH_SECONDS = Histogram("nilai_batch_seconds", "Time from the first event to commit.", buckets=SECONDS)
OUTBOX_OLDEST = Gauge(
    "nilai_outbox_oldest_seconds", "Age of the oldest unpublished event.", multiprocess_mode="mostrecent"
)
OUTBOX_PENDING = Gauge("nilai_outbox_pending", "Events not published yet.", multiprocess_mode="mostrecent")
DEFERRED_EVENTS = Gauge(
    "nilai_deferred_events",
    "Events that wait, are tried again, or are dead.",
    ("state",),
    multiprocess_mode="mostrecent",
)
JOBS = Gauge("nilai_jobs", "Jobs that are not done.", ("kind", "state"), multiprocess_mode="mostrecent")
QUEUE_DEPTH = Gauge("nilai_queue_depth", "Messages in the broker's queue.", multiprocess_mode="mostrecent")

QUEUES_MISSING = Gauge(
    "nilai_queues_missing",
    "Queues of this service that the broker does not have.",
    multiprocess_mode="mostrecent",
)
PRODUCER_SILENCE = Gauge(
    "nilai_producer_silence_seconds",
    "For how long nothing was heard from another service.",
    ("producer",),
    multiprocess_mode="mostrecent",
)

correlation: contextvars.ContextVar[str | None] = contextvars.ContextVar("correlation", default=None)
traceparent: contextvars.ContextVar[str | None] = contextvars.ContextVar("traceparent", default=None)

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One log record as one line of JSON: time, level, service, logger, message, correlation, extras."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self.service,
            "logger": record.name,
            "message": record.getMessage(),
            "correlation": correlation.get(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _USUAL}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(_plain(line)).decode()


def _plain(value: Any) -> Any:
    """The value in JSON's own types, whatever was logged: a log line must never fail."""
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if abs(value) < 2**63 else str(value)
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in value]
        case _:
            return str(value).encode("utf-8", "backslashreplace").decode()


def configure(service: str, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send every log record of this process to `stream` (stdout) as JSON lines of `service`."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def logger(name: str) -> logging.Logger:
    """The logger of a module; what stands in `extra=` becomes members of the JSON line."""
    return logging.getLogger(name)


@contextmanager
def about(correlation_id: str | None, trace: str | None = None) -> Iterator[None]:
    """Put a correlation id and a traceparent on all that is logged and published inside."""
    tokens = correlation.set(correlation_id), traceparent.set(trace)
    try:
        yield
    finally:
        correlation.reset(tokens[0])
        traceparent.reset(tokens[1])


def new_traceparent() -> str:
    """A W3C traceparent that starts a new trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child(parent: str | None) -> str:
    """A traceparent in the parent's trace with a span id of its own; a new trace where it is unreadable."""
    if parent is None or not _TRACEPARENT.fullmatch(parent):
        return new_traceparent()
    _, trace, _, flags = parent.split("-")
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"


def scrape() -> bytes:
    """The metrics in Prometheus' text form, summed over processes where PROMETHEUS_MULTIPROC_DIR is set."""
    shared = CollectorRegistry()
    try:
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # prometheus_client is untyped here
    except ValueError:
        return generate_latest(REGISTRY)
    return generate_latest(shared)


def serve_metrics(port: int, host: str = "127.0.0.1") -> int:
    """Serve the metrics of a worker on a thread of its own; returns the port (0 asks for a free one)."""
    server, _ = start_http_server(port, addr=host)
    return int(server.server_port)
