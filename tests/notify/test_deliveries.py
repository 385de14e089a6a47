"""Deliveries: signed anew at each attempt, tried by a schedule, given up, retried by hand, never in a loop."""

from collections import Counter
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from services.notify import commands, jobs
from services.notify.domain import AttemptSeries, WebhookResponse
from services.notify.sweeps import sweeps
from services.notify.webhooks import WebhookSender
from shared.core import tracing
from shared.core.ids import utcnow
from shared.core.people import OPERATOR
from shared.events.notify import DeliveryParked, SubscriptionDisabled
from shared.jobs import queue
from shared.jobs.runner import THREADS, Runner
from shared.signing.keys import KeyRing
from shared.storage.mongo import Store
from tests.notify.builders import API, TRYING, Notify, agency, problem, score, sealed
from tests.notify.receiver import (
    Receiver,
    Step,
    babbles,
    drips,
    drips_body,
    floods,
    hangs,
    hangs_up,
    says,
)
from tests.support.collector import Collector, attributes, spans_of
from tests.waiting import until


def attempts(notify: Notify, delivery: str) -> list[dict[str, object]]:
    """What was recorded of the attempts, the first one first."""
    seen = notify.ok(notify.ministry.get(f"{API}/deliveries/{delivery}"))
    return list(reversed(seen["tries"]))


def test_an_event_is_delivered_signed_by_key_and_by_secret(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url=receiver.url())
    (event,) = notify.consume(score("bkpm"))
    assert notify.deliver() == 1
    (got,) = receiver.got
    got.verify(made["secret"])
    got.verify_by_key(made["public_keys"][0]["key"])
    assert got.headers["content-type"] == "application/json"
    assert got.payload["type"] == "score.computed.v1"
    data = got.payload["data"]
    assert (data["stream"], data["sequence"], data["event"]) == (made["id"], 1, event)
    assert (data["agency"], data["index"]) == ("bkpm", "2.95")
    (delivery,) = notify.deliveries(made)
    assert (delivery["state"], delivery["attempts"], delivery["due"]) == ("delivered", 1, None)
    assert delivery["id"] == got.headers["webhook-id"]
    assert notify.deliver(make_due=True) == 0


def test_a_webhook_has_a_span_in_the_trace_of_its_event_and_tells_it_to_the_receiver(
    notify: Notify, receiver: Receiver, collector: Collector
) -> None:
    url, exported = collector
    receiver.scripts["/hook?token=secret"] = [says(500), says(204)]
    notify.subscribe(url=receiver.url("/hook") + "?token=secret")
    event = notify.stage.envelope("agency:bkpm", agency("bkpm"), trace=f"00-{'ab' * 16}-{'cd' * 8}-01")
    tracing.start("notify", url)
    try:
        notify.stage.consume_all(event)
        notify.deliver()
        tracing.stop()
        first = spans_of(exported.get(timeout=10))
        tracing.start("notify", url)
        notify.deliver(make_due=True)
    finally:
        tracing.stop()
    failed, fine = first["POST"], spans_of(exported.get(timeout=10))["POST"]
    for span, got in zip((failed, fine), receiver.got, strict=True):
        assert got.headers["traceparent"] == f"00-{'ab' * 16}-{span.span_id.hex()}-01"
        assert span.parent_span_id == first["consume agency.set.v1"].span_id
        assert span.kind == Span.SPAN_KIND_CLIENT
    (delivery,) = notify.deliveries(receiver.got[0].payload["data"]["stream"])
    usual = {
        "http.request.method": "POST",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": urlsplit(receiver.url()).port,
        "nilai.delivery": delivery["id"],
    }
    assert attributes(failed) == usual | {
        "http.request.resend_count": 0,
        "http.response.status_code": 500,
        "error.type": "500",
    }
    assert attributes(fine) == usual | {"http.request.resend_count": 1, "http.response.status_code": 204}
    assert (failed.status.code, fine.status.code) == (Status.STATUS_CODE_ERROR, Status.STATUS_CODE_UNSET)


def test_a_webhook_that_gets_no_answer_says_so_in_its_span(
    notify: Notify, receiver: Receiver, collector: Collector
) -> None:
    url, exported = collector
    notify.subscribe(url="http://127.0.0.1:9/")
    notify.consume(agency("bkpm"))
    tracing.start("notify", url)
    try:
        notify.deliver()
    finally:
        tracing.stop()
    failed = attributes(spans_of(exported.get(timeout=10))["POST"])
    assert failed["error.type"] == "no answer"
    assert "http.response.status_code" not in failed


def test_the_whole_schedule_is_kept_with_one_id_and_the_same_bytes_and_then_the_delivery_is_parked(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/hook"] = [says(500, b"broken")] * 20
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    (delivery,) = notify.deliveries(made)
    for seconds in jobs.SCHEDULE:
        before = utcnow()
        assert notify.deliver(make_due=True) == 1
        (job,) = notify.stage.db["jobs"].find({"state": {"$in": ["waiting", "retry"]}})
        wait = (job["due"] - before).total_seconds()
        assert 0.8 * seconds <= wait <= 1.2 * seconds + 5
        (waiting,) = notify.deliveries(made, "waiting")
        assert waiting["due"] is not None
    assert notify.deliver(make_due=True) == 1
    assert notify.deliver(make_due=True) == 0
    assert len(receiver.got) == 11
    assert {request.headers["webhook-id"] for request in receiver.got} == {delivery["id"]}
    assert len({request.body for request in receiver.got}) == 1
    (parked,) = notify.deliveries(made, "parked")
    assert (parked["attempts"], parked["error"]) == (11, "answered 500")
    recorded = attempts(notify, delivery["id"])
    assert [attempt["number"] for attempt in recorded] == list(range(1, 12))
    seen = {(attempt["status"], attempt["error"], attempt["said"]) for attempt in recorded}
    assert seen == {(500, "answered 500", "broken")}
    assert [event.delivery for event in notify.stage.published(DeliveryParked)] == [delivery["id"]]


def test_each_attempt_is_signed_anew_so_that_a_late_one_is_no_replay(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/hook"] = [says(500)]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    began = int(utcnow().timestamp())
    until(lambda: int(utcnow().timestamp()) > began)
    notify.deliver(make_due=True)
    first, second = receiver.got
    assert int(second.headers["webhook-timestamp"]) > int(first.headers["webhook-timestamp"])
    assert second.headers["webhook-signature"] != first.headers["webhook-signature"]
    second.verify(made["secret"])
    assert [attempt["status"] for attempt in attempts(notify, first.headers["webhook-id"])] == [500, 204]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_acknowledges(notify: Notify, receiver: Receiver, status: int) -> None:
    receiver.scripts["/hook"] = [says(status)]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    assert [delivery["state"] for delivery in notify.deliveries(made)] == ["delivered"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_never_followed(notify: Notify, receiver: Receiver, status: int) -> None:
    receiver.scripts["/hook"] = [says(status, Location=receiver.url("/elsewhere"))]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    (delivery,) = notify.deliveries(made)
    assert delivery["error"] == f"answered {status}; redirects are not followed"
    assert receiver.at("/elsewhere") == []


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (hangs, "no complete answer within 1 s to connect and 1.5 s in all"),
        (drips, "no complete answer within 1 s to connect and 1.5 s in all"),
        (babbles, "this is not HTTP: illegal status line: bytearray(b'hello there')"),
        (hangs_up, "the connection ended before the answer was complete"),
        (floods, "answered 500"),
    ],
)
def test_whatever_a_receiver_does_the_attempt_ends_in_time_and_says_why(
    notify: Notify, receiver: Receiver, step: Step, error: str
) -> None:
    receiver.scripts["/hook"] = [step]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    (delivery,) = notify.deliveries(made)
    assert (delivery["state"], delivery["error"]) == ("waiting", error)
    (tried,) = attempts(notify, delivery["id"])
    assert int(str(tried["milliseconds"])) < 5000
    assert len(str(tried["said"])) <= 500
    notify.deliver(make_due=True)
    assert notify.deliveries(made)[0]["state"] == "delivered"


def test_an_acknowledgement_counts_even_if_its_body_never_ends(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [drips_body]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    assert [delivery["state"] for delivery in notify.deliveries(made)] == ["delivered"]


def test_a_receiver_that_is_not_there_is_tried_again(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url="http://127.0.0.1:1/hook")
    lost = notify.subscribe(url="http://nowhere.invalid/hook")
    notify.consume(agency("bkpm"))
    notify.deliver()
    assert notify.deliveries(made)[0]["error"] == "no connection: Connection refused"
    assert "the name cannot be resolved" in notify.deliveries(lost)[0]["error"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_a_rest_gets_it_for_everything(
    notify: Notify, receiver: Receiver, status: int
) -> None:
    receiver.scripts["/hook"] = [says(status, Retry_After="900")]
    made = notify.subscribe(url=receiver.url())
    began = utcnow()
    notify.consume(agency("bkpm"))
    notify.deliver()
    notify.consume(agency("bps"))
    notify.deliver()
    assert len(receiver.got) == 1
    jobs = list(notify.stage.db["jobs"].find())
    assert all(job["due"] >= began + timedelta(seconds=899) for job in jobs)
    assert sorted(job["attempts"] for job in jobs) == [0, 1]
    assert notify.query(made)["health"]["rests_until"] is not None


def test_a_rest_is_a_day_at_most_and_another_status_asks_in_vain(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [says(500, Retry_After="900"), says(429, Retry_After="99999999")]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    assert notify.query(made)["health"]["rests_until"] is None
    notify.deliver(make_due=True)
    (job,) = notify.stage.db["jobs"].find()
    assert timedelta(hours=23) < job["due"] - utcnow() <= timedelta(days=1)


def test_a_rest_may_be_named_as_a_date(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [
        says(503, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT"),
        says(429, Retry_After="x"),
        says(503, Retry_After="Mon, 1 Jan 99999999999999999999 00:00:00 GMT"),
    ]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    for _ in range(3):
        notify.deliver(make_due=True)
    assert notify.query(made)["health"]["rests_until"] is None
    assert notify.deliveries(made)[0]["attempts"] == 3
    assert notify.deliver(make_due=True) == 1
    assert notify.deliveries(made)[0]["state"] == "delivered"


def test_gone_switches_the_subscription_off_at_once_and_publishes_so(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/hook"] = [says(410)]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    assert (notify.query(made)["state"], notify.query(made)["reason"]) == (
        "disabled",
        "the receiver answered 410 Gone",
    )
    assert [delivery["state"] for delivery in notify.deliveries(made)] == ["parked"]
    (disabled,) = notify.stage.published(SubscriptionDisabled)
    assert disabled == SubscriptionDisabled(subscription=made["id"], reason="the receiver answered 410 Gone")
    assert notify.deliver(make_due=True) == 0


def test_five_days_of_only_failures_switch_the_subscription_off(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [says(500)] * 9
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    _failing_for(notify, days=4.9)
    notify.deliver(make_due=True)
    assert notify.query(made)["state"] == "enabled"
    _failing_for(notify, days=5)
    notify.deliver(make_due=True)
    assert notify.query(made)["state"] == "disabled"
    assert [event.reason for event in notify.stage.published(SubscriptionDisabled)] == [
        "every delivery failed for 5 days"
    ]


def test_one_success_starts_the_five_days_anew(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [says(500), says(204), says(500), says(500)]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    _failing_for(notify, days=6)
    notify.deliver(make_due=True)
    notify.consume(agency("bps"))
    notify.deliver()
    notify.deliver(make_due=True)
    assert notify.query(made)["state"] == "enabled"
    assert notify.query(made)["health"]["failing_since"] > utcnow().isoformat()[:10]


def _failing_for(notify: Notify, days: float) -> None:
    since = utcnow() - timedelta(days=days)
    notify.stage.db["health"].update_many({}, {"$set": {"failing_since": since}, "$inc": {"rev": 1}})


def test_deliveries_of_a_disabled_subscription_are_put_aside_without_another_request(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/hook"] = [says(500)]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    notify.ok(
        notify.ministry.patch(
            f"{API}/subscriptions/{made['id']}", json={"enabled": False}, headers={"If-Match": "*"}
        )
    )
    notify.deliver(make_due=True)
    (parked,) = notify.deliveries(made)
    assert (parked["state"], parked["error"]) == (
        "parked",
        "the subscription is disabled: switched off by hand",
    )
    assert len(receiver.got) == 1
    assert notify.stage.published(DeliveryParked) == []


def test_what_waits_when_the_owners_grant_ends_does_not_go_out_any_more(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/hook"] = [says(500)]
    notify.know("bkpm")
    made = notify.subscribe(notify.machine("vendor", "bkpm"), scope="bkpm", url=receiver.url())
    notify.consume(sealed("bkpm"))
    notify.deliver()
    notify.end_grants("vendor")
    assert notify.deliver(make_due=True) == 1
    assert len(receiver.got) == 1
    reason = "its owner may no longer see what it asks for"
    assert (notify.query(made)["state"], notify.query(made)["reason"]) == ("disabled", reason)
    (parked,) = notify.deliveries(made)
    assert (parked["state"], parked["error"]) == ("parked", f"the subscription is disabled: {reason}")
    assert notify.stage.published(SubscriptionDisabled) == [
        SubscriptionDisabled(subscription=made["id"], reason=reason)
    ]
    assert notify.stage.published(DeliveryParked) == []


def test_a_grant_that_ends_by_its_own_date_stops_what_waits_and_one_given_again_lets_it_go(
    notify: Notify, receiver: Receiver
) -> None:
    notify.know("bkpm")
    vendor = notify.machine("vendor", "bkpm")
    made = notify.subscribe(vendor, scope="bkpm", url=receiver.url())
    notify.consume(sealed("bkpm"))
    grants = {"$set": {"grants.0.until": utcnow() - timedelta(seconds=1)}}
    notify.stage.db["people"].update_one({"_id": "p-vendor"}, grants)
    notify.deliver()
    assert (notify.query(made)["state"], receiver.got) == ("disabled", [])
    notify.machine("vendor", "bkpm")
    url = f"{API}/subscriptions/{made['id']}"
    notify.ok(vendor.post(f"{url}/enable"))
    assert notify.ok(vendor.post(f"{url}/deliveries/retry")) == {"retried": 1, "more": False}
    notify.deliver()
    assert [delivery["state"] for delivery in notify.deliveries(made)] == ["delivered"]


class MeanwhileGranted(Store):
    """A store whose queries are followed at once by the owner's grant being given again."""

    def __init__(self, notify: Notify) -> None:
        self.__dict__.update(vars(notify.stage.store))
        self._notify = notify

    def query(self, *arguments: Any, **named: Any) -> Any:
        seen = super().query(*arguments, **named)
        self._notify.machine("vendor", "bkpm")
        return seen


def test_a_delivery_that_was_to_be_put_aside_goes_out_when_the_grant_is_back_before_that(
    notify: Notify, receiver: Receiver
) -> None:
    notify.know("bkpm")
    made = notify.subscribe(notify.machine("vendor", "bkpm"), scope="bkpm", url=receiver.url())
    notify.consume(sealed("bkpm"))
    ended = {"$set": {"grants.0.until": utcnow() - timedelta(seconds=1)}}
    notify.stage.db["people"].update_one({"_id": "p-vendor"}, ended)
    notify.answer_tests()
    assert Runner(MeanwhileGranted(notify), notify.stage.jobs).run_due() == 1
    assert (notify.query(made)["state"], receiver.got) == ("enabled", [])
    (job,) = notify.stage.db["jobs"].find()
    assert (job["state"], job["attempts"]) == ("waiting", 0)
    assert notify.deliver(make_due=True) == 1
    assert [delivery["state"] for delivery in notify.deliveries(made)] == ["delivered"]


def test_nobody_sets_going_again_what_the_owner_may_no_longer_see(notify: Notify, receiver: Receiver) -> None:
    notify.know("bkpm")
    made = notify.subscribe(notify.machine("vendor", "bkpm"), scope="bkpm", url=receiver.url())
    notify.consume(sealed("bkpm"))
    (delivery,) = notify.deliveries(made)
    notify.end_grants("vendor")
    by, url, before = notify.ministry, f"{API}/subscriptions/{made['id']}", notify.stage.state()
    again = by.post(f"{API}/deliveries/{delivery['id']}/retry")
    assert (again.status_code, problem(again)["code"]) == (409, "owner-not-entitled")
    assert notify.stage.state() == before
    notify.deliver()
    before, tag = notify.stage.state(), {"If-Match": by.get(url).headers["ETag"]}
    for refused in (
        by.post(f"{url}/enable"),
        by.patch(url, json={"enabled": True}, headers=tag),
        by.post(f"{url}/deliveries/retry"),
    ):
        assert (refused.status_code, problem(refused)["code"]) == (409, "owner-not-entitled")
    assert notify.stage.state() == before
    assert receiver.got == []


def test_a_slow_receiver_delays_nobody_else(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/slow"] = [hangs] * 30
    slow = notify.subscribe(url=receiver.url("/slow"))
    quick = notify.subscribe(url=receiver.url("/quick"))
    notify.consume(*[agency(f"a{n}") for n in range(30)])
    notify.answer_tests()
    patient = WebhookSender(KeyRing.load(notify.stage.settings.keys, "notify"), TRYING)
    stop, runner = Event(), Runner(notify.stage.store, jobs.jobs_of(patient), threads=4)
    thread = Thread(target=runner.run, args=(stop,))
    thread.start()
    try:
        until(lambda: len(notify.deliveries(quick, "delivered")) == 30)
        assert len(receiver.at("/slow")) == 2
        assert notify.deliveries(slow, "delivered") == []
    finally:
        stop.set()
        receiver.released.set()
        thread.join()
    sequences = Counter(request.sequence for request in receiver.at("/quick"))
    assert sequences == dict.fromkeys(range(1, 31), 1)


def test_many_slow_receivers_leave_a_quarter_of_the_threads_to_the_quick(
    notify: Notify, receiver: Receiver
) -> None:
    slow = [f"/slow{n}" for n in range(24)]
    receiver.scripts |= {path: [hangs] * 30 for path in slow}
    notify.subscribe(url=receiver.url("/quick"))
    notify.consume(agency("first"))
    notify.answer_tests()
    patient = WebhookSender(KeyRing.load(notify.stage.settings.keys, "notify"), TRYING)
    stop, runner = Event(), Runner(notify.stage.store, jobs.jobs_of(patient))
    assert runner.run_due() == 1
    for path in slow:
        notify.subscribe(url=receiver.url(path))
    notify.answer_tests()
    notify.consume(*[agency(f"a{n}") for n in range(20)])
    thread = Thread(target=runner.run, args=(stop,))
    thread.start()
    try:
        until(lambda: len(receiver.at("/quick")) == 21)
        until(lambda: len(receiver.got) == 21 + THREADS * 3 // 4)
    finally:
        stop.set()
        receiver.released.set()
        thread.join()
    assert max(len(receiver.at(path)) for path in slow) <= jobs.AT_ONCE


# by hand


def test_every_retry_by_hand_reaches_the_receiver_even_of_what_was_delivered(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    (delivery,) = notify.deliveries(made)
    for _ in range(3):
        again = notify.ministry.post(f"{API}/deliveries/{delivery['id']}/retry")
        assert again.status_code == 202
        assert (notify.ok(again)["state"], notify.ok(again)["error"]) == ("waiting", None)
        assert notify.deliver() == 1
    assert len(receiver.got) == 4
    assert {request.headers["webhook-id"] for request in receiver.got} == {delivery["id"]}
    assert notify.deliveries(made)[0]["state"] == "delivered"
    assert notify.stage.audited(f"delivery:{delivery['id']}").count("delivery.retried") == 3


def test_a_retry_takes_the_place_of_the_round_that_was_under_way(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [says(500)]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    (delivery,) = notify.deliveries(made)
    notify.ministry.post(f"{API}/deliveries/{delivery['id']}/retry")
    notify.deliver(make_due=True)
    assert len(receiver.got) == 2
    assert notify.deliveries(made)[0]["state"] == "delivered"


def test_an_attempt_that_ends_after_a_retry_began_is_recorded_and_decides_nothing(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    (delivery,) = notify.deliveries(made)
    notify.ministry.post(f"{API}/deliveries/{delivery['id']}/retry")
    left = notify.stage.run(
        commands.record, delivery["id"], "first", WebhookResponse(204, None), receiver.url()
    )
    assert left is AttemptSeries.OVER
    assert notify.deliveries(made)[0]["state"] == "waiting"
    notify.deliver()
    assert len(receiver.got) == 1
    assert [attempt["number"] for attempt in attempts(notify, delivery["id"])] == [1, 2]


@pytest.mark.parametrize("series", ["first", "another"])
def test_a_job_whose_series_is_over_neither_suspends_nor_parks_a_delivery(
    notify: Notify, receiver: Receiver, series: str
) -> None:
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.deliver()
    (delivery,) = notify.deliveries(made)
    assert notify.stage.run(commands.suspend, delivery["id"], series) is True
    notify.stage.run(commands.park, delivery["id"], series, "answered 500")
    assert notify.deliveries(made) == [delivery]
    assert notify.stage.published(DeliveryParked) == []


def test_the_jobs_of_deliveries_made_long_ago_are_deleted_and_the_deliveries_stay(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("a"), agency("b"))
    notify.deliver()
    database, settings = notify.stage.db, notify.stage.settings
    long_ago = utcnow() - timedelta(days=settings.journal_days + 1)
    database["jobs"].update_one({}, {"$set": {"done_at": long_ago}})
    sweeps(settings)["jobs"].work(notify.stage.store)
    assert database["jobs"].count_documents({}) == 1
    assert len(notify.deliveries(made, "delivered")) == 2


def test_all_parked_deliveries_of_a_subscription_can_be_retried_at_once(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/hook"] = [says(410)]
    made = notify.subscribe(url=receiver.url())
    notify.consume(*[agency(f"a{n}") for n in range(3)])
    notify.deliver(make_due=True)
    assert len(notify.deliveries(made, "parked")) == 3
    url = f"{API}/subscriptions/{made['id']}"
    refused = notify.ministry.post(f"{url}/deliveries/retry")
    assert (refused.status_code, problem(refused)["code"]) == (409, "subscription-disabled")
    notify.ok(notify.ministry.post(f"{url}/enable"))
    assert notify.ok(notify.ministry.post(f"{url}/deliveries/retry")) == {"retried": 3, "more": False}
    notify.deliver()
    assert len(notify.deliveries(made, "delivered")) == 3


# no loops


def test_a_parked_delivery_is_published_to_the_others_and_never_to_itself(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/dead"] = [says(500)] * 99
    dead = notify.subscribe(url=receiver.url("/dead"), types=["agency.set.v1", "delivery.parked.v1"])
    watch = notify.subscribe(url=receiver.url("/watch"), types=["delivery.parked.v1"])
    (event,) = notify.consume(agency("bkpm"))
    parked = notify.parked(dead)
    assert notify.consume_own() == 1
    notify.deliver()
    (got,) = receiver.at("/watch")
    assert got.payload["type"] == "delivery.parked.v1"
    data = got.payload["data"]
    assert (data["delivery"], data["undelivered"], data["attempts"]) == (parked["id"], event, 11)
    assert [event["type"] for event in notify.stream(dead)] == ["agency.set.v1"]
    assert [event["type"] for event in notify.stream(watch)] == ["delivery.parked.v1"]


def test_dead_receivers_that_watch_each_other_come_to_rest(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/dead"] = [says(500)] * 999
    made = [notify.subscribe(url=receiver.url("/dead")) for _ in range(3)]
    notify.consume(score("bkpm"))
    rounds = 0
    while notify.deliver(make_due=True) or notify.consume_own():
        rounds += 1
        assert rounds < 60
    # One event to three receivers, three published to the two others each; that those fail too goes to nobody.
    assert len(notify.stage.published(DeliveryParked)) == 3
    assert [len(notify.deliveries(subscription, "parked")) for subscription in made] == [3, 3, 3]
    assert all(notify.deliveries(subscription, "waiting") == [] for subscription in made)


def test_a_disabled_subscription_is_published_once_and_begets_nothing_more(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/gone"] = [says(410)] * 9
    gone = [notify.subscribe(url=receiver.url("/gone")) for _ in range(2)]
    watch = notify.subscribe(types=["subscription.disabled.v1"])
    notify.consume(score("bkpm"))
    while notify.deliver(make_due=True) or notify.consume_own():
        pass
    seen = [event["subscription"] for event in notify.stream(watch)]
    assert sorted(seen) == sorted(subscription["id"] for subscription in gone)


def test_a_dead_webhook_that_an_operator_retries_is_delivered(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [says(500, b"broken")] * 11
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    while notify.deliver(make_due=True):
        pass
    (parked,) = notify.deliveries(made, "parked")
    (dead,) = notify.stage.db["jobs"].find({"state": "dead"})
    notify.stage.run(queue.retry, dead["_id"], notify.stage.jobs, caller=OPERATOR)
    assert notify.deliver() == 1
    assert [delivery["id"] for delivery in notify.deliveries(made, "delivered")] == [parked["id"]]


def test_a_webhook_that_an_operator_drops_is_parked_with_the_reason(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    notify.answer_tests()
    (job,) = notify.stage.db["jobs"].find()
    notify.stage.run(queue.drop, job["_id"], notify.stage.jobs, "the address is wrong", caller=OPERATOR)
    assert notify.deliver() == 0
    assert [delivery["error"] for delivery in notify.deliveries(made, "parked")] == ["the address is wrong"]
    assert receiver.got == []


def test_an_operator_who_retries_what_its_subscriber_retried_already_sends_nothing_twice(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.scripts["/hook"] = [says(500, b"broken")] * 11
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    while notify.deliver(make_due=True):
        pass
    (parked,) = notify.deliveries(made, "parked")
    (dead,) = notify.stage.db["jobs"].find({"state": "dead"})
    assert notify.ministry.post(f"{API}/deliveries/{parked['id']}/retry").status_code == 202
    assert notify.deliver() == 1
    notify.stage.run(queue.retry, dead["_id"], notify.stage.jobs, caller=OPERATOR)
    notify.deliver()
    assert len(receiver.got) == 12
    assert [delivery["id"] for delivery in notify.deliveries(made, "delivered")] == [parked["id"]]
