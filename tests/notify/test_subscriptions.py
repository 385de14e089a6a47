"""Subscriptions: who may make and change them, secrets that are shown once, and every wrong request refused."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.notify import commands
from services.notify.domain import JOB, MAX_SUBSCRIPTIONS, AttemptSeries, WebhookResponse
from services.notify.jobs import AT_ONCE
from shared.core.ids import utcnow
from shared.events.notify import SubscriptionDisabled
from shared.jobs.runner import THREADS
from tests.notify.builders import API, Notify, agency, problem
from tests.notify.receiver import Handler, Receiver, says
from tests.support.stage import LONG_AGO

URL = f"{API}/subscriptions"
HOOK = "https://example.org/hook"


def test_the_ministry_subscribes_for_any_scope_and_a_machine_for_its_own(notify: Notify) -> None:
    notify.know("bkpm")
    notify.subscribe(scope="ministry")
    notify.subscribe(scope="bkpm")
    made = notify.subscribe(notify.machine("client", "bkpm"), scope="bkpm", name="mine", url=HOOK)
    assert {name: made[name] for name in ("name", "url", "scope", "types", "owner", "state", "reason")} == {
        "name": "mine",
        "url": HOOK,
        "scope": "bkpm",
        "types": "*",
        "owner": "p-client",
        "state": "pending",
        "reason": "its address has not answered the test event yet",
    }
    own = notify.subscribe(notify.machine("hq"), scope="ministry")
    assert own["owner"] == "p-hq"
    assert notify.stage.audited(f"subscription:{made['id']}") == ["subscription.made"]


def test_a_secret_is_shown_once_and_stands_in_no_document(notify: Notify) -> None:
    made = notify.subscribe(url=HOOK)
    secret = made["secret"]
    assert secret.startswith("whsec_")
    answers = [notify.ministry.get(url).data for url in (URL, f"{URL}/{made['id']}")]
    names = notify.stage.db.list_collection_names()
    stored = [str(doc).encode() for name in names for doc in notify.stage.db[name].find()]
    for text in (*answers, *stored):
        assert secret.removeprefix("whsec_").encode() not in text
        assert b"whsec_" not in text


def test_two_subscriptions_have_different_secrets(notify: Notify) -> None:
    assert notify.subscribe()["secret"] != notify.subscribe()["secret"]


def test_the_public_keys_are_there_for_everybody(notify: Notify) -> None:
    made = notify.subscribe()
    keys = notify.ok(notify.as_(None).get(f"{API}/webhook-keys"))
    assert keys["items"] == made["public_keys"]
    assert keys["items"][0]["key"].startswith("whpk_")


# bodies that are refused


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid"),
        ({"name": "n"}, 422, "invalid"),
        ({"name": "", "scope": "ministry"}, 422, "invalid"),
        ({"name": "n" * 101, "scope": "ministry"}, 422, "invalid"),
        ({"name": "n", "scope": "Not An Id"}, 422, "invalid"),
        ({"name": "n", "scope": "nobody"}, 422, "unknown-agency"),
        ({"name": "n", "scope": "ministry", "more": 1}, 422, "invalid"),
        ({"name": "n", "scope": "ministry", "types": []}, 422, "invalid"),
        ({"name": "n", "scope": "ministry", "types": "all"}, 422, "invalid"),
        ({"name": "n", "scope": "ministry", "types": ["nothing.v1"]}, 422, "unknown-types"),
        ({"name": "n", "scope": "bkpm", "types": ["score.computed.v1"]}, 422, "unknown-types"),
        ({"name": "n", "scope": "ministry", "types": ["x"] * 51}, 422, "invalid"),
        ({"name": "n", "scope": "ministry", "url": "ftp://example.org/"}, 422, "bad-url"),
        ({"name": "n", "scope": "ministry", "url": "https://"}, 422, "bad-url"),
        ({"name": "n", "scope": "ministry", "url": "https://me:secret@example.org/"}, 422, "bad-url"),
        ({"name": "n", "scope": "ministry", "url": "https://example.org/#part"}, 422, "bad-url"),
        ({"name": "n", "scope": "ministry", "url": "https://exa mple.org/"}, 422, "bad-url"),
        ({"name": "n", "scope": "ministry", "url": "https://example.org:99999/"}, 422, "bad-url"),
        ({"name": "n", "scope": "ministry", "url": "https://[::1/"}, 422, "bad-url"),
        ({"name": "n", "scope": "ministry", "url": "https://bücher.example/"}, 422, "bad-url"),
        ({"name": "n", "scope": "ministry", "url": "https://example.org/" + "x" * 500}, 422, "invalid"),
        ({"name": "n", "scope": "ministry", "url": 7}, 422, "invalid"),
        ([], 422, "invalid"),
    ],
)
def test_a_wrong_subscription_is_refused_and_changes_nothing(
    notify: Notify, body: Any, status: int, code: str
) -> None:
    notify.know("bkpm")
    by, before = notify.ministry, notify.stage.state()
    refused = by.post(URL, json=body)
    assert (refused.status_code, problem(refused)["code"]) == (status, code)
    assert notify.stage.state() == before


def test_a_refusal_of_types_names_what_there_is(notify: Notify) -> None:
    notify.know("bkpm")
    said = problem(
        notify.ministry.post(URL, json={"name": "n", "scope": "bkpm", "types": ["score.computed.v1"]})
    )
    assert said["unknown"] == ["score.computed.v1"]
    assert "result.published.v1" in said["offered"]
    assert "score.computed.v1" not in said["offered"]


@pytest.mark.parametrize("scope", ["ministry", "bps"])
def test_a_machine_may_not_subscribe_to_another_scope_whether_it_exists_or_not(
    notify: Notify, scope: str
) -> None:
    notify.know("bkpm")
    by, before = notify.machine("client", "bkpm"), notify.stage.state()
    refused = by.post(URL, json={"name": "n", "scope": scope})
    assert (refused.status_code, problem(refused)["code"]) == (403, "foreign-scope")
    assert notify.stage.state() == before


def test_one_owner_gives_a_name_once_and_another_owner_may_give_it_too(notify: Notify) -> None:
    notify.know("bkpm")
    notify.subscribe(name="same")
    before = notify.stage.state()
    refused = notify.ministry.post(URL, json={"name": "same", "scope": "ministry"})
    assert (refused.status_code, problem(refused)["code"]) == (409, "already-exists")
    assert notify.stage.state() == before
    mine = notify.subscribe(notify.machine("client", "bkpm"), name="same", scope="bkpm")
    assert notify.machine("client", "bkpm").delete(f"{URL}/{mine['id']}").status_code == 204
    notify.subscribe(notify.machine("client", "bkpm"), name="same", scope="bkpm")


def test_a_machine_cannot_multiply_the_work_without_end(notify: Notify) -> None:
    notify.know("bkpm")
    client = notify.machine("client", "bkpm")
    for _ in range(MAX_SUBSCRIPTIONS):
        notify.subscribe(client, scope="bkpm")
    assert MAX_SUBSCRIPTIONS * AT_ONCE <= THREADS // 2
    refused = client.post(URL, json={"name": "another", "scope": "bkpm"})
    assert (refused.status_code, problem(refused)["code"]) == (409, "too-many-subscriptions")


def test_a_machine_cannot_pass_its_limit_by_asking_for_many_scopes_at_once(notify: Notify) -> None:
    scopes = [f"a{n}" for n in range(2 * MAX_SUBSCRIPTIONS)]
    notify.know(*scopes)
    client = notify.machine("client", scopes[0])
    grants = [{"role": "machine", "agency": scope, "since": LONG_AGO, "until": None} for scope in scopes]
    notify.stage.db["people"].update_one({"_id": "p-client"}, {"$set": {"grants": grants}})

    def subscribe(scope: str) -> int:
        return notify.as_("client").post(URL, json={"name": scope, "scope": scope}).status_code

    with ThreadPoolExecutor(len(scopes)) as pool:
        made = Counter(pool.map(subscribe, scopes))
    assert made == {201: MAX_SUBSCRIPTIONS, 409: MAX_SUBSCRIPTIONS}
    assert len(notify.ok(client.get(URL))["items"]) == MAX_SUBSCRIPTIONS


# changing


def test_address_and_types_can_be_changed_and_the_next_event_goes_by_them(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url("/old"))
    answer = notify.ministry.get(f"{URL}/{made['id']}")
    changed = notify.ministry.patch(
        f"{URL}/{made['id']}",
        json={"url": receiver.url("/new"), "types": ["agency.set.v1"]},
        headers={"If-Match": answer.headers["ETag"]},
    )
    assert notify.ok(changed)["types"] == ["agency.set.v1"]
    assert changed.headers["ETag"] != answer.headers["ETag"]
    notify.consume(agency("bkpm"))
    notify.deliver()
    assert ([request.path for request in receiver.got], len(receiver.got)) == (["/new"], 1)


def _move(notify: Notify, made: dict[str, Any], url: str) -> None:
    """Give a subscription another address."""
    own = f"{URL}/{made['id']}"
    tag = {"If-Match": notify.ministry.get(own).headers["ETag"]}
    notify.ok(notify.ministry.patch(own, json={"url": url}, headers=tag))


def test_a_new_address_gets_at_once_what_the_old_one_did_not_take(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/old"] = [says(429, Retry_After="86400")]
    made = notify.subscribe(url=receiver.url("/old"))
    notify.consume(agency("a"))
    notify.deliver()
    notify.consume(agency("b"))
    notify.deliver()
    assert notify.stage.db["jobs"].count_documents({"due": {"$gt": utcnow()}}) == 2
    _move(notify, made, receiver.url("/new"))
    assert notify.query(made)["health"] == {"failing_since": None, "rests_until": None}
    notify.deliver()
    assert len(receiver.at("/old")) == 1
    assert sorted(request.sequence for request in receiver.at("/new")) == [1, 2]


def test_a_new_address_begins_the_five_days_and_the_schedule_anew(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts |= {"/old": [says(500)] * 3, "/new": [says(500)]}
    made = notify.subscribe(url=receiver.url("/old"))
    other = notify.subscribe(url=receiver.url("/old"))
    notify.consume(agency("a"))
    notify.deliver()
    long_ago = {"$set": {"failing_since": utcnow() - timedelta(days=6)}}
    notify.stage.db["health"].update_many({}, long_ago)
    _move(notify, made, receiver.url("/new"))
    assert notify.deliver() == 1
    assert notify.query(made)["state"] == "enabled"
    assert sorted(job["attempts"] for job in notify.stage.db["jobs"].find()) == [1, 1]
    assert notify.query(other)["health"]["failing_since"] is not None


def test_what_the_old_address_answers_late_says_nothing_of_the_new_one(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url("/old"))
    notify.consume(agency("a"))
    notify.answer_tests()
    (delivery,) = notify.deliveries(made)
    _move(notify, made, receiver.url("/new"))
    gone = WebhookResponse(410, "answered 410", rest=timedelta(days=1))
    left = notify.stage.run(commands.record, delivery["id"], "first", gone, receiver.url("/old"))
    assert left is AttemptSeries.MOVED
    assert notify.query(made)["state"] == "pending"
    assert notify.query(made)["health"] == {"failing_since": None, "rests_until": None}
    notify.deliver()
    assert notify.deliveries(made)[0]["state"] == "delivered"


@pytest.mark.parametrize("tries", [0, 9, 10])
def test_what_fails_at_the_old_address_after_the_change_goes_to_the_new_one_soon(
    notify: Notify, receiver: Receiver, tries: int
) -> None:
    made = notify.subscribe(url=receiver.url("/old"))

    def moves(handler: Handler) -> None:
        _move(notify, made, receiver.url("/new"))
        says(503, Retry_After="86400")(handler)

    receiver.scripts["/old"], receiver.answers["/new"] = [moves], [says(500)]
    notify.answer_tests()
    notify.consume(agency("a"))
    notify.stage.db["jobs"].update_one({}, {"$set": {"attempts": tries}})
    notify.deliver()
    assert [delivery["state"] for delivery in notify.deliveries(made)] == ["waiting"]
    (job,) = notify.stage.db["jobs"].find({"kind": JOB})
    assert (job["state"], job["attempts"]) == ("retry" if tries else "waiting", tries)
    assert job["due"] <= utcnow() + timedelta(seconds=1)
    assert notify.deliver(make_due=True) == 1
    assert [delivery["state"] for delivery in notify.deliveries(made)] == ["delivered"]
    assert [request.path for request in receiver.got] == ["/old", "/new"]


def test_a_change_that_changes_nothing_is_no_new_version(notify: Notify) -> None:
    made = notify.subscribe(url=HOOK)
    before = notify.stage.audited(f"subscription:{made['id']}")
    for body in ({}, {"url": HOOK}, {"enabled": True}, {"types": "*"}):
        answer = notify.ministry.patch(f"{URL}/{made['id']}", json=body, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert notify.stage.audited(f"subscription:{made['id']}") == before


def test_of_two_who_change_the_second_gets_both_versions_and_changes_nothing(notify: Notify) -> None:
    made = notify.subscribe(url=HOOK)
    url, tag = f"{URL}/{made['id']}", {"If-Match": '"1"'}
    by = notify.ministry
    notify.ok(by.patch(url, json={"url": "https://example.org/first"}, headers=tag))
    before = notify.stage.state()
    refused = by.patch(url, json={"types": ["agency.set.v1"]}, headers=tag)
    said = problem(refused)
    assert (refused.status_code, said["code"], said["rev"]) == (409, "stale", 2)
    assert said["yours"] == {"types": ["agency.set.v1"]}
    assert said["stored"] == {"url": "https://example.org/first", "types": ["*"], "enabled": True}
    assert notify.stage.state() == before


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ({"url": HOOK}, {}, 428, "precondition-needed"),
        ({"url": HOOK}, {"If-Match": "one"}, 400, "bad-if-match"),
        ({"scope": "bkpm"}, {"If-Match": '"1"'}, 422, "invalid"),
        ({"url": "http//x"}, {"If-Match": '"1"'}, 422, "bad-url"),
        ({"types": ["nothing.v1"]}, {"If-Match": '"1"'}, 422, "unknown-types"),
        ({"enabled": "yes"}, {"If-Match": '"1"'}, 422, "invalid"),
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(
    notify: Notify, body: Any, headers: dict[str, str], status: int, code: str
) -> None:
    made = notify.subscribe(url=HOOK)
    by, before = notify.ministry, notify.stage.state()
    refused = by.patch(f"{URL}/{made['id']}", json=body, headers=headers)
    assert (refused.status_code, problem(refused)["code"]) == (status, code)
    assert notify.stage.state() == before
    assert notify.query(made)["url"] == HOOK


def test_switching_off_and_on_is_published_once_each_way(notify: Notify) -> None:
    made = notify.subscribe(url=HOOK)
    url = f"{URL}/{made['id']}"
    off = notify.ok(notify.ministry.patch(url, json={"enabled": False}, headers={"If-Match": '"1"'}))
    assert (off["state"], off["reason"]) == ("disabled", "switched off by hand")
    assert notify.ok(notify.ministry.post(f"{url}/enable"))["state"] == "pending"
    notify.answer_tests()
    on = notify.query(made)
    assert (on["state"], on["reason"]) == ("enabled", None)
    again = notify.ministry.post(f"{url}/enable")
    assert again.headers["ETag"] == '"4"'
    assert notify.stage.published(SubscriptionDisabled) == [
        SubscriptionDisabled(subscription=made["id"], reason="switched off by hand")
    ]
    assert notify.stage.audited(f"subscription:{made['id']}") == [
        "subscription.made",
        "subscription.disabled",
        "subscription.pending",
        "subscription.enabled",
    ]


def test_one_change_can_mend_the_address_and_switch_on_again(notify: Notify) -> None:
    made = notify.subscribe(url=HOOK)
    url = f"{URL}/{made['id']}"
    notify.ok(notify.ministry.patch(url, json={"enabled": False}, headers={"If-Match": '"1"'}))
    mended = {"url": "https://example.org/new", "enabled": True}
    answer = notify.ministry.patch(url, json=mended, headers={"If-Match": '"2"'})
    assert (notify.ok(answer)["url"], notify.ok(answer)["state"]) == (mended["url"], "pending")
    assert answer.headers["ETag"] == '"3"'


def test_closing_is_for_good_and_closing_again_is_harmless(notify: Notify) -> None:
    made = notify.subscribe(url=HOOK)
    url = f"{URL}/{made['id']}"
    assert notify.ministry.delete(url).status_code == 204
    before = notify.stage.state()
    assert notify.ministry.delete(url).status_code == 204
    for refused in (
        notify.ministry.post(f"{url}/enable"),
        notify.ministry.post(f"{url}/secret/rotate", json={}),
        notify.ministry.patch(url, json={"enabled": True}, headers={"If-Match": '"2"'}),
    ):
        assert (refused.status_code, problem(refused)["code"]) == (409, "subscription-closed")
    assert notify.stage.state() == before
    assert notify.query(made)["state"] == "closed"


def test_closing_what_is_disabled_already_is_not_published_again(notify: Notify) -> None:
    made = notify.subscribe(url=HOOK)
    url = f"{URL}/{made['id']}"
    notify.ok(notify.ministry.patch(url, json={"enabled": False}, headers={"If-Match": '"1"'}))
    assert notify.ministry.delete(url).status_code == 204
    assert [event.reason for event in notify.stage.published(SubscriptionDisabled)] == [
        "switched off by hand"
    ]
    assert notify.query(made)["state"] == "closed"


# secrets in turn


def test_during_a_rotation_both_secrets_verify_and_afterwards_only_the_new_one(
    notify: Notify, receiver: Receiver
) -> None:
    made = notify.subscribe(url=receiver.url())
    rotated = notify.ok(notify.ministry.post(f"{URL}/{made['id']}/secret/rotate", json={}))
    assert rotated["secret"] != made["secret"]
    notify.consume(agency("a"))
    notify.deliver()
    receiver.got[0].verify(made["secret"])
    receiver.got[0].verify(rotated["secret"])
    assert len(receiver.got[0].signatures("v1")) == 2
    (old,) = [secret for secret in _secrets(notify) if secret["until"]]
    assert timedelta(hours=23) < old["until"] - utcnow() <= timedelta(hours=24)
    past = utcnow() - timedelta(seconds=1)
    notify.stage.db["subscriptions"].update_one({}, {"$set": {"secrets.1.until": past}})
    notify.consume(agency("b"))
    notify.deliver()
    receiver.got[1].verify(rotated["secret"])
    with pytest.raises(Exception, match="No matching signature"):
        receiver.got[1].verify(made["secret"])


def test_a_stolen_secret_can_be_ended_at_once(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url=receiver.url())
    rotated = notify.ok(notify.ministry.post(f"{URL}/{made['id']}/secret/rotate", json={"keep_hours": 0}))
    notify.consume(agency("a"))
    notify.deliver()
    receiver.got[0].verify(rotated["secret"])
    assert len(receiver.got[0].signatures("v1")) == 1


def test_secrets_do_not_pile_up(notify: Notify) -> None:
    made = notify.subscribe()
    url = f"{URL}/{made['id']}/secret/rotate"
    for _ in range(3):
        notify.ok(notify.ministry.post(url, json={}))
    before = notify.stage.state()
    refused = notify.ministry.post(url, json={})
    assert (refused.status_code, problem(refused)["code"]) == (409, "rotated-too-often")
    assert notify.stage.state() == before
    notify.ok(notify.ministry.post(url, json={"keep_hours": 0}))
    assert len(_secrets(notify)) == 1


@pytest.mark.parametrize("body", [{"keep_hours": 25}, {"keep_hours": -1}, {"keep_hours": "1"}, {"more": 1}])
def test_a_wrong_rotation_is_refused_and_changes_nothing(notify: Notify, body: Any) -> None:
    made = notify.subscribe()
    by, before = notify.ministry, notify.stage.state()
    refused = by.post(f"{URL}/{made['id']}/secret/rotate", json=body)
    assert (refused.status_code, problem(refused)["code"]) == (422, "invalid")
    assert notify.stage.state() == before


def _secrets(notify: Notify) -> list[dict[str, Any]]:
    (doc,) = notify.stage.db["subscriptions"].find()
    secrets: list[dict[str, Any]] = doc["secrets"]
    return secrets


# lists


def test_the_ministry_sees_all_subscriptions_in_pages_and_a_machine_its_own(notify: Notify) -> None:
    notify.know("bkpm")
    client = notify.machine("client", "bkpm")
    made = [notify.subscribe(who, scope="bkpm")["id"] for who in (None, client, None, client, None)]
    seen: list[str] = []
    after = ""
    while True:
        page = notify.ok(notify.ministry.get(f"{URL}?limit=2{after}"))
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == made
    assert [item["id"] for item in notify.ok(client.get(URL))["items"]] == [made[1], made[3]]


def test_deliveries_are_listed_by_state_in_pages_the_latest_first(notify: Notify, receiver: Receiver) -> None:
    made = notify.subscribe(url=receiver.url())
    notify.consume(*[agency(f"a{n}") for n in range(3)])
    notify.deliver()
    notify.consume(*[agency(f"b{n}") for n in range(2)])
    url = f"{URL}/{made['id']}/deliveries"
    assert [delivery["sequence"] for delivery in notify.deliveries(made, "waiting")] == [5, 4]
    first = notify.ok(notify.ministry.get(f"{url}?state=delivered&limit=2"))
    assert [item["sequence"] for item in first["items"]] == [3, 2]
    rest = notify.ok(notify.ministry.get(f"{url}?state=delivered&limit=2&after={first['next']}"))
    assert ([item["sequence"] for item in rest["items"]], rest["next"]) == ([1], None)
