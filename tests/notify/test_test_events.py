"""Test events that somebody asks for: delivered and recorded like any other, and never taken for one."""

import pytest

from services.notify.domain import TEST_EVENT
from shared.events.notify import DeliveryParked
from tests.notify.builders import API, Notify, agency, problem, sealed
from tests.notify.receiver import Receiver, says


def send(notify: Notify, id: str) -> dict[str, object]:
    answer = notify.ministry.post(f"{API}/subscriptions/{id}/test")
    assert answer.status_code == 202
    return notify.ok(answer)


def test_a_test_event_goes_to_its_receiver_signed_and_is_recorded(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url=receiver.url("/hook"))
    notify.answer_tests()
    delivery = send(notify, made["id"])
    assert (delivery["type"], delivery["sequence"], delivery["state"]) == (TEST_EVENT, 0, "waiting")
    assert notify.deliver() == 1
    (got,) = receiver.tested
    got.verify(made["secret"])
    got.verify_by_key(made["public_keys"][0]["key"])
    data = got.payload["data"]
    assert data == {"stream": made["id"], "sequence": 0, "event": delivery["event"]}
    assert got.headers["webhook-id"] == delivery["id"]
    (seen,) = notify.deliveries(made)
    assert (seen["id"], seen["state"], seen["attempts"]) == (delivery["id"], "delivered", 1)
    assert notify.stage.audited(f"delivery:{delivery['id']}") == ["delivery.tested", "delivery.attempted"]


def test_a_test_event_stands_in_no_stream_and_draws_no_number(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url=receiver.url("/hook"))
    notify.answer_tests()
    notify.consume(agency("bkpm"))
    send(notify, made["id"])
    send(notify, made["id"])
    notify.consume(agency("bps"))
    assert [one["sequence"] for one in notify.stream(made)] == [1, 2]
    assert len(notify.deliveries(made)) == 4


def test_every_attempt_sends_the_same_bytes_and_one_that_is_given_up_is_published_to_nobody(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.answers["/hook"] = [says(500)] * 20
    made = notify.subscribe(url=receiver.url("/hook"))
    notify.answer_tests()
    delivery = send(notify, made["id"])
    assert notify.parked(made)["id"] == delivery["id"]
    assert len({got.body for got in receiver.tested}) == 1
    assert len({got.headers["webhook-id"] for got in receiver.tested}) == 1
    assert notify.stage.published(DeliveryParked) == []
    receiver.answers["/hook"] = []
    notify.ok(notify.ministry.post(f"{API}/deliveries/{delivery['id']}/retry"))
    notify.deliver()
    (seen,) = notify.deliveries(made)
    assert seen["state"] == "delivered"
    assert len({got.body for got in receiver.tested}) == 1


def test_a_list_with_many_test_events_goes_on_page_by_page_with_each_once(notify: Notify) -> None:
    made = notify.subscribe(url="https://example.org/hook")
    notify.answer_tests()
    notify.consume(sealed("bkpm"), agency("bkpm"))
    ids = {str(send(notify, made["id"])["id"]) for _ in range(5)}
    rows = notify.stage.db["deliveries"]
    rows.update_many({"type": TEST_EVENT}, {"$set": {"created_at": rows.find_one({})["created_at"]}})  # type: ignore[index]
    seen: list[str] = []
    after: str | None = ""
    for _ in range(4):
        query = f"?limit=2{f'&after={after}' if after else ''}"
        page = notify.ok(notify.ministry.get(f"{API}/subscriptions/{made['id']}/deliveries{query}"))
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
    assert after is None
    assert sorted(seen) == sorted([*ids, f"{made['id']}.1", f"{made['id']}.2"])


def test_an_owner_may_test_its_own_and_nobody_elses(notify: Notify) -> None:
    notify.know("bkpm", "bps")
    owner, other = notify.machine("owner", "bkpm"), notify.machine("other", "bps")
    made = notify.subscribe(owner, scope="bkpm", url="https://example.org/hook")
    notify.answer_tests()
    assert other.post(f"{API}/subscriptions/{made['id']}/test").status_code == 404
    assert owner.post(f"{API}/subscriptions/{made['id']}/test").status_code == 202


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("pending", "test-under-way"),
        ("disabled", "subscription-disabled"),
        ("closed", "subscription-closed"),
        ("stream", "no-address"),
    ],
)
def test_where_nothing_is_delivered_no_test_is_either(notify: Notify, state: str, code: str) -> None:
    url = None if state == "stream" else "https://example.org/hook"
    made = notify.subscribe(url=url)
    if state != "stream":
        notify.stage.db["subscriptions"].update_one({"_id": made["id"]}, {"$set": {"state": state}})
    before = notify.stage.state()
    refused = notify.ministry.post(f"{API}/subscriptions/{made['id']}/test")
    assert (refused.status_code, problem(refused)["code"]) == (409, code)
    assert notify.stage.state() == before


def test_a_test_is_not_sent_for_an_owner_that_may_no_longer_see_its_scope(notify: Notify) -> None:
    made = notify.subscribe(notify.machine("hq"), url="https://example.org/hook")
    notify.answer_tests()
    notify.end_grants("hq")
    refused = notify.ministry.post(f"{API}/subscriptions/{made['id']}/test")
    assert (refused.status_code, problem(refused)["code"]) == (409, "owner-not-entitled")
