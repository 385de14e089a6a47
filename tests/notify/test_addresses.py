"""An address gets nothing before it has answered a signed test event, and whatever waited for that afterwards."""

from typing import Any

import pytest

from services.notify.domain import TEST_EVENT, TEST_JOB
from services.notify.jobs import TEST_SCHEDULE
from shared.events.notify import SubscriptionDisabled
from shared.jobs import queue
from shared.storage.reader import Doc
from tests.notify.builders import API, Notify, agency, problem
from tests.notify.receiver import Handler, Receiver, Step, hangs_up, says

URL = f"{API}/subscriptions"
UNANSWERED = "its address has not answered the test event yet"


def run(notify: Notify) -> int:
    """Do every job that is due, test events too."""
    return notify.stage.run_jobs()


def change(notify: Notify, made: Doc, **body: Any) -> Doc:
    own = f"{URL}/{made['id']}"
    tag = {"If-Match": notify.ministry.get(own).headers["ETag"]}
    return notify.ok(notify.ministry.patch(own, json=body, headers=tag))


def sequences(receiver: Receiver, path: str = "/hook") -> list[int]:
    return sorted(request.sequence for request in receiver.at(path))


def test_a_new_address_is_active_once_it_has_answered_a_signed_test_event(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url())
    assert (made["state"], made["reason"]) == ("pending", UNANSWERED)
    assert run(notify) == 1
    (test,) = receiver.tested
    test.verify(made["secret"])
    test.verify_by_key(made["public_keys"][0]["key"])
    assert test.payload["type"] == TEST_EVENT
    data = test.payload["data"]
    assert (data["stream"], data["sequence"]) == (made["id"], 0)
    assert data["event"] == test.headers["webhook-id"]
    found = notify.query(made)
    assert (found["state"], found["reason"]) == ("enabled", None)
    assert notify.stage.audited(f"subscription:{made['id']}") == ["subscription.made", "subscription.enabled"]
    assert notify.stream(made) == []
    assert run(notify) == 0


def test_a_stream_that_is_only_read_is_active_at_once(notify: Notify) -> None:
    made = notify.subscribe()
    assert (made["state"], made["reason"]) == ("enabled", None)
    assert run(notify) == 0


def test_nothing_goes_out_before_the_answer_and_nothing_is_lost(notify: Notify, receiver: Receiver) -> None:
    receiver.answers["/hook"] = [says(500), says(204)]
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("a"), agency("b"))
    run(notify)
    notify.make_due()
    assert receiver.got == []
    assert [delivery["attempts"] for delivery in notify.deliveries(made)] == [0, 0]
    while run(notify):
        pass
    assert notify.query(made)["state"] == "enabled"
    assert sequences(receiver) == [1, 2]
    assert {delivery["state"] for delivery in notify.deliveries(made)} == {"delivered"}


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (says(401), "answered 401"),
        (says(302, Location="/elsewhere"), "answered 302; redirects are not followed"),
        (hangs_up, "the connection ended before the answer was complete"),
        (says(503, Retry_After="3600"), "answered 503"),
    ],
)
def test_another_answer_is_told_and_asked_for_again(
    notify: Notify, receiver: Receiver, step: Step, error: str
) -> None:
    receiver.answers["/hook"] = [step]
    made = notify.subscribe(url=receiver.url())
    run(notify)
    found = notify.query(made)
    assert (found["state"], found["reason"]) == ("pending", f"{UNANSWERED}: {error}")
    notify.make_due()
    run(notify)
    assert notify.query(made)["state"] == "enabled"
    first, second = receiver.tested
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def given_up(notify: Notify, receiver: Receiver) -> Doc:
    receiver.answers["/hook"] = [says(500)] * (len(TEST_SCHEDULE) + 1)
    made = notify.subscribe(url=receiver.url())
    notify.consume(agency("a"))
    while notify.query(made)["state"] == "pending":
        notify.make_due()
        assert run(notify)
    return made


def test_an_address_that_never_answers_is_switched_off_and_that_is_published(
    notify: Notify, receiver: Receiver
) -> None:
    made = given_up(notify, receiver)
    reason = "its address did not answer the test event: answered 500"
    assert (notify.query(made)["state"], notify.query(made)["reason"]) == ("disabled", reason)
    assert notify.stage.published(SubscriptionDisabled) == [
        SubscriptionDisabled(subscription=made["id"], reason=reason)
    ]
    assert len(receiver.tested) == len(TEST_SCHEDULE) + 1
    assert receiver.got == []
    notify.make_due()
    run(notify)
    assert [delivery["state"] for delivery in notify.deliveries(made)] == ["parked"]
    notify.consume(agency("b"))
    assert len(notify.deliveries(made)) == 1


def test_switching_on_again_asks_the_address_again(notify: Notify, receiver: Receiver) -> None:
    made = given_up(notify, receiver)
    on = notify.ok(notify.ministry.post(f"{URL}/{made['id']}/enable"))
    assert (on["state"], on["reason"]) == ("pending", UNANSWERED)
    run(notify)
    assert notify.query(made)["state"] == "enabled"
    off = change(notify, made, enabled=False)
    assert off["state"] == "disabled"
    assert change(notify, made, enabled=True)["state"] == "pending"
    run(notify)
    assert notify.query(made)["state"] == "enabled"
    assert sequences(receiver) == []


@pytest.mark.parametrize("stop", [{"enabled": False}, {"url": None}])
def test_what_waited_at_a_stop_does_not_go_out_however_soon_it_goes_on(
    notify: Notify, receiver: Receiver, stop: Doc
) -> None:
    receiver.scripts["/hook"] = [says(500)]
    made = notify.subscribe(url=receiver.url())
    run(notify)
    notify.consume(agency("a"))
    run(notify)
    change(notify, made, **stop)
    change(notify, made, enabled=True, url=receiver.url())
    notify.consume(agency("b"))
    notify.make_due()
    while run(notify):
        pass
    assert {row["sequence"]: row["state"] for row in notify.deliveries(made)} == {1: "parked", 2: "delivered"}
    assert sequences(receiver) == [1, 2]


def test_who_does_not_want_to_wait_has_another_test_event_sent_at_once(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.answers["/hook"] = [says(500)]
    made = notify.subscribe(url=receiver.url())
    run(notify)
    notify.ok(notify.ministry.post(f"{URL}/{made['id']}/enable"))
    run(notify)
    assert notify.query(made)["state"] == "enabled"
    assert len({test.headers["webhook-id"] for test in receiver.tested}) == 2
    before = notify.query(made)
    assert notify.ok(notify.ministry.post(f"{URL}/{made['id']}/enable"))["rev"] == before["rev"]
    assert run(notify) == 0
    notify.make_due()
    run(notify)
    assert (len(receiver.tested), notify.query(made)["state"]) == (2, "enabled")


def test_another_address_has_to_answer_before_it_gets_what_waits(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url=receiver.url("/old"))
    run(notify)
    receiver.scripts["/old"] = [says(500)]
    receiver.answers["/new"] = [says(500)]
    notify.consume(agency("a"))
    run(notify)
    assert change(notify, made, url=receiver.url("/new"))["state"] == "pending"
    notify.consume(agency("b"))
    run(notify)
    assert receiver.at("/new") == []
    notify.make_due()
    while run(notify):
        pass
    assert [test.path for test in receiver.tested] == ["/old", "/new", "/new"]
    assert sequences(receiver, "/new") == [1, 2]


def test_the_answer_of_an_address_that_was_changed_meanwhile_counts_for_nothing(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url("/old"))

    def moves(handler: Handler) -> None:
        change(notify, made, url=receiver.url("/new"))
        says(204)(handler)

    receiver.answers = {"/old": [moves], "/new": [says(500)]}
    run(notify)
    assert [test.path for test in receiver.tested] == ["/old", "/new"]
    assert notify.query(made)["state"] == "pending"


def test_an_address_that_is_taken_away_leaves_a_stream_to_read(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url=receiver.url())
    assert (change(notify, made, url=None)["state"], run(notify)) == ("enabled", 1)
    assert receiver.tested == []


def test_what_is_closed_or_switched_off_is_not_asked(notify: Notify, receiver: Receiver) -> None:
    closed, off = notify.subscribe(url=receiver.url()), notify.subscribe(url=receiver.url())
    assert notify.ministry.delete(f"{URL}/{closed['id']}").status_code == 204
    assert change(notify, off, enabled=False)["state"] == "disabled"
    run(notify)
    assert receiver.tested == []
    assert [notify.query(made)["state"] for made in (closed, off)] == ["closed", "disabled"]


def test_a_parked_delivery_that_is_retried_waits_for_the_answer(notify: Notify, receiver: Receiver) -> None:
    made = given_up(notify, receiver)
    notify.make_due()
    run(notify)
    refused = notify.ministry.post(f"{URL}/{made['id']}/deliveries/retry")
    assert problem(refused)["code"] == "subscription-disabled"
    notify.ok(notify.ministry.post(f"{URL}/{made['id']}/enable"))
    assert notify.ok(notify.ministry.post(f"{URL}/{made['id']}/deliveries/retry"))["retried"] == 1
    notify.make_due()
    while run(notify):
        pass
    assert sequences(receiver) == [1]


def _job(notify: Notify) -> str:
    (row,) = notify.stage.store.db["jobs"].find({"kind": TEST_JOB})
    return str(row["_id"])


def test_an_operator_retries_a_test_event_that_was_given_up(notify: Notify, receiver: Receiver) -> None:
    made = given_up(notify, receiver)
    notify.stage.run(queue.retry, _job(notify), notify.stage.jobs)
    assert notify.query(made)["state"] == "pending"
    run(notify)
    assert notify.query(made)["state"] == "enabled"


def test_an_operator_drops_a_test_event_for_a_reason(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url=receiver.url())
    notify.stage.run(queue.drop, _job(notify), notify.stage.jobs, "nobody is there")
    reason = "its address did not answer the test event: nobody is there"
    assert (notify.query(made)["state"], notify.query(made)["reason"]) == ("disabled", reason)
    assert receiver.tested == []


def test_what_an_operator_does_with_a_test_event_that_is_over_changes_nothing(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url("/old"))
    old = _job(notify)
    change(notify, made, url=receiver.url("/new"))
    notify.stage.run(queue.retry, old, notify.stage.jobs)
    notify.stage.run(queue.drop, old, notify.stage.jobs, "old")
    assert notify.query(made)["state"] == "pending"
    run(notify)
    assert notify.query(made)["state"] == "enabled"
    assert [test.path for test in receiver.tested] == ["/new"]
