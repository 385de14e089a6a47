"""Spans across HTTP, broker and database, exported by OTLP where somebody collects them.

Attributes have the names of OpenTelemetry's conventions; `url.path` is left out, since a path may carry a secret.
Without a collector only the W3C traceparent travels on, and a span costs two random numbers.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.core.telemetry import child

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Attributes: TypeAlias = Mapping[str, str | int]

SERVER, CLIENT = SpanKind.SERVER, SpanKind.CLIENT
CONSUMER, PRODUCER = SpanKind.CONSUMER, SpanKind.PRODUCER
_HEADER = "traceparent"
_propagator = TraceContextTextMapPropagator()
_provider: "TracerProvider | None" = None


def start(service: str, endpoint: str) -> None:
    """Export the spans of this process from now on; `endpoint` as in OTEL_EXPORTER_OTLP_ENDPOINT."""
    global _provider  # noqa: PLW0603  # one exporter per process, made after gunicorn's fork
    # Where nobody collects spans, a process starts without what sends them.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
    _provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
    _provider.add_span_processor(BatchSpanProcessor(exporter))


def stop() -> None:
    """Send what is left and export no more."""
    global _provider  # noqa: PLW0603  # see start
    if _provider is not None:
        _provider.shutdown()
        _provider = None


@contextmanager
def span(
    name: str, parent: str | None, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes | None = None
) -> Iterator[str]:
    """A span around what is done inside; gives the traceparent to hand on."""
    if _provider is None:
        yield child(parent)
        return
    tracer, context = _provider.get_tracer("nilai"), _context(parent)
    with tracer.start_as_current_span(name, context, kind, attributes):
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        yield carrier[_HEADER]


def note(attributes: Attributes, error: str | None = None) -> None:
    """Say more of the present span; with an error, in one word, that it failed."""
    if _provider is None:
        return
    present = trace.get_current_span()
    present.set_attributes(attributes)
    if error:
        present.set_attribute("error.type", error)
        present.set_status(StatusCode.ERROR)


def record(name: str, parent: str | None, kind: SpanKind, attributes: Attributes, began: int) -> None:
    """A span that ends now, of what began then (nanoseconds of `time.time_ns`)."""
    if _provider is not None:
        tracer = _provider.get_tracer("nilai")
        tracer.start_span(name, _context(parent), kind, attributes, start_time=began).end()


def is_on() -> bool:
    """Whether somebody collects spans."""
    return _provider is not None


def message(operation: str, type: str, id: str, body: bytes | None, correlation: str | None) -> Attributes:
    """What OpenTelemetry's conventions say of one message that is published or consumed."""
    found: dict[str, str | int] = {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": operation,
        "messaging.operation.type": {"publish": "send", "consume": "process"}[operation],
        "messaging.destination.name": "nilai.events",
        "messaging.rabbitmq.destination.routing_key": type,
        "messaging.message.id": id,
    }
    if body is not None:
        found["messaging.message.body.size"] = len(body)
    if correlation:
        found["messaging.message.conversation_id"] = correlation
    return found


def _context(parent: str | None) -> Context:
    return _propagator.extract({_HEADER: parent or ""})
