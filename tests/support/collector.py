"""An OTLP collector, and what is read from the spans that it got."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Collector = tuple[str, "Queue[ExportTraceServiceRequest]"]


@contextmanager
def collecting() -> Iterator[Collector]:
    """The address of a collector, and what it was sent."""
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


def spans_of(sent: ExportTraceServiceRequest) -> dict[str, Span]:
    """The spans of one export, by their names."""
    spans = [one for group in sent.resource_spans for scope in group.scope_spans for one in scope.spans]
    return {one.name: one for one in spans}


def attributes(span: Span) -> dict[str, object]:
    """What a span says of itself."""
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
