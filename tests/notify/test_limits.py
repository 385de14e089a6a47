"""How often somebody may ask: 429 says how long to wait, and others go on."""

import dataclasses

import pytest
from werkzeug.test import TestResponse

from services.notify.app import service
from shared.auth import guard
from shared.storage.counters import COUNTERS, Counters
from tests.notify.builders import API, Notify
from tests.support.stage import Stage

URL = f"{API}/subscriptions"
FEW = 10
AWAY = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"


@pytest.fixture
def bounded(notify: Notify) -> Notify:
    """The service where a person may pass each route ten times a minute in each process."""
    return another_process(notify, FEW)


def another_process(notify: Notify, requests: int = 1000) -> Notify:
    stage = notify.stage
    return Notify(
        Stage(service, dataclasses.replace(stage.settings, person_requests=requests), stage._mint, stage)
    )


def check_refused(answer: TestResponse) -> None:
    said = answer.json
    assert said is not None
    assert (answer.status_code, said["code"]) == (429, "too-many-requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert f"{answer.headers['Retry-After']} s" in said["detail"]


def statuses(notify: Notify, name: str, count: int) -> list[int]:
    return [notify.as_(name).get(URL).status_code for _ in range(count)]


def test_a_person_is_refused_at_one_route_and_everybody_else_goes_on(bounded: Notify) -> None:
    bounded.machine("eager", "bkpm")
    bounded.machine("other", "bkpm")
    assert statuses(bounded, "eager", FEW + 1) == [200] * FEW + [429]
    check_refused(bounded.as_("eager").get(URL))
    assert statuses(bounded, "other", 1) == [200]
    assert bounded.as_("eager").get(f"{URL}/{'0' * 32}").status_code == 404
    assert bounded.as_("eager").post(URL, json={}).status_code == 422
    assert bounded.as_(None).get(f"{API}/webhook-keys").status_code == 200
    assert bounded.stage.state() == {"people": 2}


def test_who_may_not_pass_is_counted_too(bounded: Notify) -> None:
    assert statuses(bounded, "stranger", FEW + 1) == [403] * FEW + [429]


def test_what_is_counted_over_all_processes_is_bounded_in_each(notify: Notify) -> None:
    notify.machine("eager", "bkpm")
    url = f"{URL}/{'0' * 32}/deliveries/retry"
    found = [one.as_("eager").post(url).status_code for one in [notify, another_process(notify)] * 31]
    assert found == [404] * 60 + [429] * 2
    check_refused(notify.as_("eager").post(url))
    notify.machine("other", "bkpm")
    assert notify.as_("other").post(url).status_code == 404


def test_an_address_with_too_many_wrong_tokens_is_told_to_wait_and_right_ones_pass(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "MOST_REFUSED", "3/minute")
    wrong = {"headers": {"Authorization": "Bearer x.y.z", "X-Forwarded-For": "198.51.100.7"}}
    client = notify.stage.app.test_client()
    assert [client.get(URL, **wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    check_refused(client.get(URL, **wrong))
    from_elsewhere = {"headers": wrong["headers"] | {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}}
    assert client.get(URL, **from_elsewhere).status_code == 401
    notify.machine("honest", "bkpm")
    assert notify.as_("honest").get(URL, headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 200
    assert client.get(URL, headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 401


def test_a_refused_token_is_refused_also_while_nothing_can_be_counted(notify: Notify) -> None:
    settings = dataclasses.replace(notify.stage.settings, mongo_uri=AWAY)
    away = Stage(service, settings, notify.stage._mint)
    answer = away.app.test_client().get(URL, headers={"Authorization": "Bearer x.y.z"})
    away.close()
    assert (answer.status_code, answer.headers.get("Retry-After")) == (401, None)


def test_counts_end_by_themselves(notify: Notify) -> None:
    counters = Counters(notify.stage.store)
    assert [counters.hit("1/second", "kind", "key") for _ in range(2)] == [0, 1]
    assert counters.hit("1/second", "kind", "other") == 0
    index = notify.stage.db[COUNTERS].index_information()["expireAt_1"]
    assert index["expireAfterSeconds"] == 0
