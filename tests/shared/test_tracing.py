"""Spans: exported to a collector where there is one, and always handed on."""

from collections.abc import Callable
from contextlib import closing

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from shared.core import tracing
from shared.events import encode
from shared.messaging import inbox
from shared.messaging.broker import Publisher
from shared.messaging.inbox import IncomingEvent
from shared.service import Service
from tests.shared.toys import BAD, TOY, agency
from tests.shared.webapp import URL, app_running
from tests.support.collector import Collector, attributes, spans_of
from tests.support.stage import Stage

TRACE, PARENT = "ab" * 16, "cd" * 8
HEADER = f"00-{TRACE}-{PARENT}-01"


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
    spans = spans_of(sent)
    failed, fine = spans[f"GET {URL}/raise/<kind>"], spans["GET /intake/healthz"]
    assert (failed.trace_id.hex(), failed.parent_span_id.hex()) == (TRACE, PARENT)
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert fine.trace_id.hex() != TRACE
    assert fine.status.code == Status.STATUS_CODE_UNSET
    assert "intake" in str(sent.resource_spans[0].resource)


def test_a_requests_span_has_the_usual_attributes(collector: Collector) -> None:
    url, got = collector
    tracing.start("intake", url)
    try:
        with app_running() as app:
            client = app.test_client()
            client.get(f"{URL}/raise/surprise", headers={"X-Request-Id": "journey-1"})
            client.open("/intake/healthz", method="BREW")
            client.get("/intake/healthz?token=secret")
    finally:
        tracing.stop()
    spans = spans_of(got.get(timeout=10))
    failed = {
        "http.request.method": "GET",
        "http.route": f"{URL}/raise/<kind>",
        "url.scheme": "http",
        "http.response.status_code": 500,
        "error.type": "500",
        "nilai.correlation_id": "journey-1",
    }
    assert attributes(spans[f"GET {URL}/raise/<kind>"]) == failed
    fine = attributes(spans["GET /intake/healthz"])
    assert fine["http.response.status_code"] == 200
    assert fine.keys() == failed.keys() - {"error.type"}
    brewed = next(span for name, span in spans.items() if name.startswith("(other)"))
    assert attributes(brewed)["http.request.method"] == "_OTHER"


def test_what_is_published_and_consumed_has_spans_with_the_usual_attributes(
    collector: Collector, stage: Callable[[Service], Stage], queues: str
) -> None:
    url, got = collector
    toy = stage(TOY)
    event = toy.envelope("agency:a", agency("a"), trace=HEADER, correlation="journey-1")
    body = encode(event)
    tracing.start("review", url)
    try:
        inbox.handle(toy.store, toy.handlers, [IncomingEvent(event, body=body)])
        with closing(Publisher(toy.settings.amqp_uri, queues)) as publisher:
            assert toy.relay(publisher).turn() == 1
    finally:
        tracing.stop()
    spans = spans_of(got.get(timeout=10))
    consumed, published = spans["consume agency.set.v1"], spans["publish assessor.set.v1"]
    assert (consumed.trace_id.hex(), consumed.parent_span_id.hex()) == (TRACE, PARENT)
    assert published.parent_span_id == consumed.span_id
    assert (consumed.kind, published.kind) == (Span.SPAN_KIND_CONSUMER, Span.SPAN_KIND_PRODUCER)
    assert published.end_time_unix_nano > published.start_time_unix_nano
    usual = {"messaging.system": "rabbitmq", "messaging.message.conversation_id": "journey-1"}
    assert attributes(consumed) == usual | {
        "messaging.operation.name": "consume",
        "messaging.operation.type": "process",
        "messaging.destination.name": "nilai.events",
        "messaging.rabbitmq.destination.routing_key": "agency.set.v1",
        "messaging.message.id": event.id,
        "messaging.message.body.size": len(body),
        "nilai.outcome": "done",
    }
    (row,) = toy.db["outbox"].find()
    assert attributes(published) == usual | {
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": "nilai.events",
        "messaging.rabbitmq.destination.routing_key": "assessor.set.v1",
        "messaging.message.id": row["_id"],
        "messaging.message.body.size": len(row["body"]),
    }


def test_an_event_that_fails_says_so_in_its_span(
    collector: Collector, stage: Callable[[Service], Stage]
) -> None:
    url, got = collector
    toy = stage(TOY)
    tracing.start("review", url)
    try:
        toy.consume("agency:a", agency("a", BAD))
    finally:
        tracing.stop()
    failed = spans_of(got.get(timeout=10))["consume agency.set.v1"]
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert (attributes(failed)["nilai.outcome"], attributes(failed)["error.type"]) == ("retry", "ValueError")


def test_spans_within_spans_hand_on_their_own_place(collector: Collector) -> None:
    url, got = collector
    tracing.start("review", url)
    with tracing.span("consume", HEADER, tracing.CONSUMER) as outer, tracing.span("publish", outer) as inner:
        pass
    tracing.stop()
    spans = spans_of(got.get(timeout=10))
    assert spans["publish"].parent_span_id == spans["consume"].span_id
    assert inner == f"00-{TRACE}-{spans['publish'].span_id.hex()}-01"


def test_without_a_collector_the_trace_still_goes_on() -> None:
    with tracing.span("consume", HEADER) as handed_on:
        assert handed_on.startswith(f"00-{TRACE}-")
        assert handed_on != HEADER
