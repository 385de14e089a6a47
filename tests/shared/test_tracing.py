"""Spans: exported to a collector where there is one, and always handed on."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from shared.core import tracing
from tests.shared.webapp import URL, app_running

TRACE, PARENT = "ab" * 16, "cd" * 8
HEADER = f"00-{TRACE}-{PARENT}-01"

Collector = tuple[str, "Queue[ExportTraceServiceRequest]"]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """The address of an OTLP collector, and what it was sent."""
    got: Queue[ExportTraceServiceRequest] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.put(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", got
        server.shutdown()
        thread.join()


def _spans(sent: ExportTraceServiceRequest) -> dict[str, Span]:
    spans = [one for group in sent.resource_spans for scope in group.scope_spans for one in scope.spans]
    return {one.name: one for one in spans}


def test_a_requests_span_reaches_the_collector_in_its_callers_trace(collector: Collector) -> None:
    url, got = collector
    tracing.start("intake", url)
    try:
        with app_running() as app:
            app.test_client().get(f"{URL}/raise/surprise", headers={"traceparent": HEADER})
            app.test_client().get("/intake/healthz")
    finally:
        tracing.stop()
    sent = got.get(timeout=10)
    spans = _spans(sent)
    failed, fine = spans[f"GET {URL}/raise/<kind>"], spans["GET /intake/healthz"]
    assert (failed.trace_id.hex(), failed.parent_span_id.hex()) == (TRACE, PARENT)
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert fine.trace_id.hex() != TRACE
    assert fine.status.code == Status.STATUS_CODE_UNSET
    assert "intake" in str(sent.resource_spans[0].resource)


def test_spans_within_spans_hand_on_their_own_place(collector: Collector) -> None:
    url, got = collector
    tracing.start("review", url)
    with tracing.span("hear", HEADER, tracing.CONSUMER) as outer, tracing.span("tell", outer) as inner:
        pass
    tracing.stop()
    spans = _spans(got.get(timeout=10))
    assert spans["tell"].parent_span_id == spans["hear"].span_id
    assert inner == f"00-{TRACE}-{spans['tell'].span_id.hex()}-01"


def test_without_a_collector_the_trace_still_goes_on() -> None:
    with tracing.span("hear", HEADER) as handed_on:
        assert handed_on.startswith(f"00-{TRACE}-")
        assert handed_on != HEADER
