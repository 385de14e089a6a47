"""Spans across HTTP, broker and database, exported by OTLP where somebody collects them.

Without a collector only the W3C traceparent travels on, and a span costs two random numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.core.telemetry import child

SERVER, CONSUMER, PRODUCER = SpanKind.SERVER, SpanKind.CONSUMER, SpanKind.PRODUCER
_HEADER = "traceparent"
_propagator = TraceContextTextMapPropagator()
_provider: TracerProvider | None = None


def start(service: str, endpoint: str) -> None:
    """Export the spans of this process from now on; `endpoint` as in OTEL_EXPORTER_OTLP_ENDPOINT."""
    global _provider  # noqa: PLW0603  # one exporter per process, made after gunicorn's fork
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
def span(name: str, parent: str | None, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[str]:
    """A span around what is done inside; gives the traceparent to hand on."""
    if _provider is None:
        yield child(parent)
        return
    context = _propagator.extract({_HEADER: parent or ""})
    with _provider.get_tracer("nilai").start_as_current_span(name, context, kind):
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        yield carrier[_HEADER]


def note(status: int, **attributes: str) -> None:
    """Say of the present span how its request ended."""
    present = trace.get_current_span()
    present.set_attributes({"http.response.status_code": status, **attributes})
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        present.set_status(StatusCode.ERROR)
