"""Working on a task through the blueprints: claim, heartbeat, rate, mark, release, finish."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.review import commands
from services.review.app import service
from services.review.sweeps.leases import release_expired
from shared.core.errors import Conflict
from shared.core.people import Caller
from shared.events.review import ReviewFinalised, StageCompleted, TaskAssigned, TaskReleased
from shared.storage.transaction import Origin
from tests.review.builders import EXPLANATION, FILE, GONE, OTHER, Response, Review

ALL = {"1": 2, "2": 3, "3": "2.75"}


@pytest.fixture
def task(review: Review) -> str:
    """The open task of a case, and two assessors."""
    review.open()
    review.appoint("ani")
    review.appoint("budi")
    return review.open_task()


def routes(task: str, fence: int) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Every write on a task: method, path, body."""
    return {
        "heartbeat": ("post", f"/tasks/{task}/heartbeat", {"fence": fence}),
        "release": ("post", f"/tasks/{task}/release", {"fence": fence, "reason": "ill"}),
        "rate": (
            "put",
            f"/tasks/{task}/ratings/1",
            {
                "fence": fence,
                "value": 3,
                **EXPLANATION,
                "pins": [{"sha256": FILE, "page": 3}, {"minutes": 2}],
            },
        ),
        "patch": (
            "patch",
            f"/tasks/{task}/ratings",
            {"fence": fence, "ratings": [{"indicator": "1", "version": 0, "pins": [{"minutes": 2}]}]},
        ),
        "mark": (
            "put",
            f"/tasks/{task}/clarifications",
            {"fence": fence, "indicators": [{"indicator": "1", "question": "Why?"}]},
        ),
        "finish": ("post", f"/tasks/{task}/finish", {"fence": fence}),
    }


def send(review: Review, who: str | None, route: tuple[str, str, dict[str, Any]]) -> Response:
    method, path, body = route
    if method == "patch":
        return review.patch(who, path, body)
    return review.post(who, path, body) if method == "post" else review.put(who, path, body)


def test_a_claim_gives_a_fence_and_a_lease_and_is_published(review: Review, task: str) -> None:
    answer = review.post("ani", f"/tasks/{task}/claim")
    assert (answer.status_code, answer.json["fence"], answer.json["state"]) == (200, 1, "claimed")
    until = datetime.fromisoformat(answer.json["until"])
    assert timedelta(minutes=29) < until - datetime.now(UTC) <= timedelta(minutes=30)
    (event,) = review.stage.published(TaskAssigned)
    assert (event.task, event.assessor, event.fence, event.until) == (task, "ani", 1, until)


def test_a_task_that_somebody_holds_is_not_to_be_had(review: Review, task: str) -> None:
    review.claim("ani", task)
    before = review.stage.state()
    answer = review.post("budi", f"/tasks/{task}/claim")
    assert (answer.status_code, answer.json["code"]) == (409, "task-taken")
    assert "ani" not in answer.text.lower()
    assert review.stage.state() == before


def test_of_many_claimants_at_once_one_wins(review: Review, task: str) -> None:
    people = [review.appoint(f"a{number}") for number in range(6)]
    answers: dict[str, int] = {}
    ready = threading.Barrier(len(people))

    def claim(who: str) -> None:
        ready.wait()
        answers[who] = review.post(who, f"/tasks/{task}/claim").status_code

    _ = review.stage.app
    threads = [threading.Thread(target=claim, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [200, 409, 409, 409, 409, 409]
    (event,) = review.stage.published(TaskAssigned)
    assert answers[event.assessor] == 200
    assert review.stage.db["tasks"].find_one({"_id": task})["assessor"] == event.assessor  # type: ignore[index]  # it is there


def test_of_two_processes_one_wins(review: Review, task: str) -> None:
    issuer = review.stage.settings.oidc_issuer
    stores = [service.store(review.stage.settings) for _ in range(2)]
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def claim(number: int, who: str) -> None:
        ready.wait()
        try:
            stores[number].run(commands.claim, task, origin=Origin(Caller(issuer, who)))
            outcomes.append("won")
        except Conflict as problem:
            outcomes.append(problem.cause_code)

    threads = [threading.Thread(target=claim, args=claimant) for claimant in enumerate(("ani", "budi"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert sorted(outcomes) == ["task-taken", "won"]
    assert len(review.stage.published(TaskAssigned)) == 1


def test_the_holders_second_claim_closes_its_first_window(review: Review, task: str) -> None:
    first, second = review.claim("ani", task), review.claim("ani", task)
    assert (first, second) == (1, 2)
    late = review.rate("ani", task, first, "1", 3)
    assert (late.status_code, late.json["code"]) == (409, "lost-lease")
    assert review.rate("ani", task, second, "1", 3).status_code == 200


def test_a_heartbeat_renews_the_lease(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    soon = datetime.now(UTC) + timedelta(seconds=60)
    review.stage.db["tasks"].update_one({"_id": task}, {"$set": {"until": soon}})
    answer = review.post("ani", f"/tasks/{task}/heartbeat", {"fence": fence})
    assert datetime.fromisoformat(answer.json["until"]) > soon + timedelta(minutes=20)
    assert answer.json["fence"] == fence


def test_a_lease_lasts_as_long_as_the_settings_say(review: Review, task: str) -> None:
    review.stage.set(replace(review.stage.settings, review_lease=2 * 3600))
    later = datetime.now(UTC) + timedelta(minutes=119)
    fence = review.claim("ani", task)
    claimed = review.stage.store.db["tasks"].find_one({"_id": task}) or {}
    assert later < claimed["until"] < later + timedelta(minutes=2)
    answer = review.post("ani", f"/tasks/{task}/heartbeat", {"fence": fence})
    assert datetime.fromisoformat(answer.json["until"]) > claimed["until"]


def test_a_released_task_is_open_again_and_its_ratings_come_back_with_the_same_assessor(
    review: Review, task: str
) -> None:
    fence = review.claim("ani", task)
    review.rate("ani", task, fence, "1", 3)
    answer = review.post("ani", f"/tasks/{task}/release", {"fence": fence, "reason": "ill"})
    assert (answer.status_code, answer.json["state"]) == (200, "open")
    (event,) = review.stage.published(TaskReleased)
    assert (event.assessor, event.reason) == ("ani", "released")
    assert review.stage.db["audit"].find_one({"action": "task.released"})["detail"]["note"] == "ill"  # type: ignore[index]  # it is there
    budis = review.claim("budi", task)
    assert review.get("budi", "/cases/s-kota-a").json["task"]["ratings"] == []
    review.post("budi", f"/tasks/{task}/release", {"fence": budis})
    review.claim("ani", task)
    (rating,) = review.get("ani", "/cases/s-kota-a").json["task"]["ratings"]
    assert (rating["indicator"], rating["value"], rating["facts"]) == ("1", "3", EXPLANATION["facts"])


def test_every_save_is_a_new_row_beside_those_before_it(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    saved = [review.rate("ani", task, fence, "1", value).json for value in (1, "3", 2)]
    assert [(rating["version"], rating["value"]) for rating in saved] == [(1, "1"), (2, "3"), (3, "2")]
    rows = review.stage.db["ratings"].find({"task": task}).sort("version", 1)
    assert [(row["_id"], row["value"]) for row in rows] == [
        (rating["rating"], rating["value"]) for rating in saved
    ]
    assert review.get("ani", "/cases/s-kota-a").json["task"]["done"] == 1


def test_only_the_latest_version_of_each_rating_is_committed(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    for code, value in [("1", 1), *ALL.items(), ("3", "7/6")]:
        assert review.rate("ani", task, fence, code, value).status_code == 200
    assert review.post("ani", f"/tasks/{task}/finish", {"fence": fence}).json["state"] == "finished"
    document = next(event for event in review.stage.published(StageCompleted) if event.stage == "document")
    assert [rating.value for rating in document.ratings] == ["2", "3", "7/6"]


def test_a_finish_that_is_sent_again_gives_the_same_answer_and_has_one_effect(
    review: Review, task: str
) -> None:
    fence = review.claim("ani", task)
    for code, value in ALL.items():
        review.rate("ani", task, fence, code, value)
    first = review.post("ani", f"/tasks/{task}/finish", {"fence": fence})
    before = review.stage.state()
    again = review.post("ani", f"/tasks/{task}/finish", {"fence": fence})
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert review.stage.state() == before
    assert len(review.stage.published(ReviewFinalised)) == 1


def test_a_finish_names_everything_that_is_not_rated_completely(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    review.rate("ani", task, fence, "1", 3)
    review.rate("ani", task, fence, "3", 2, facts="\u200b", analysis="\u2800", justification=" - ")
    before = review.stage.state()
    answer = review.post("ani", f"/tasks/{task}/finish", {"fence": fence})
    assert (answer.status_code, answer.json["code"]) == (422, "unrated")
    assert answer.json["missing"] == {"2": ["value"], "3": ["facts", "analysis", "justification"]}
    assert review.stage.state() == before


@pytest.mark.parametrize(
    ("code", "changes", "cause"),
    [
        ("1", {"value": 4}, "value-not-allowed"),
        ("1", {"value": "2.5"}, "value-not-allowed"),
        ("3", {"value": "3.01"}, "value-not-allowed"),
        ("1", {"value": True}, "invalid"),
        ("1", {"value": None}, "invalid"),
        ("1", {"value": "1" * 51}, "invalid"),
        ("9", {"value": 1}, "not-in-task"),
        ("1", {"facts": "x" * 20_001}, "invalid"),
        ("1", {"author": "budi"}, "invalid"),
        ("1", {"pins": [{"sha256": OTHER, "page": 1}]}, "bad-pin"),
        ("1", {"pins": [{"sha256": GONE, "page": 1}]}, "bad-pin"),
        ("1", {"pins": [{"sha256": FILE}]}, "bad-pin"),
        ("1", {"pins": [{"sha256": FILE, "page": 0}]}, "invalid"),
        ("1", {"pins": [{"sha256": FILE, "page": 1, "minutes": 1}]}, "bad-pin"),
        ("1", {"pins": [{"minutes": 2, "page": 1}]}, "bad-pin"),
        ("1", {"pins": [{}]}, "bad-pin"),
    ],
)
def test_a_rating_that_may_not_be_is_refused_and_changes_nothing(
    review: Review, task: str, code: str, changes: dict[str, Any], cause: str
) -> None:
    fence = review.claim("ani", task)
    before = review.stage.state()
    answer = review.rate("ani", task, fence, code, **{"value": 1, **changes})
    assert (answer.status_code, answer.json["code"]) == (422, cause)
    assert review.stage.state() == before


def test_a_refused_value_says_what_is_allowed(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    refused = review.rate("ani", task, fence, "1", 4).json
    assert refused["allowed"] == "1, 2 or 3"
    assert refused["errors"] == [{"in": "json", "pointer": "/value", "detail": refused["detail"]}]


def test_a_refused_pin_is_pointed_at(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    pins = [{"sha256": FILE, "page": 1}, {"sha256": OTHER, "page": 1}]
    (error,) = review.rate("ani", task, fence, "1", 1, pins=pins).json["errors"]
    assert (error["in"], error["pointer"]) == ("json", "/pins/1")
    assert OTHER in error["detail"]


def test_a_pin_may_point_at_the_minutes(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    assert review.rate("ani", task, fence, "1", 1, pins=[{"minutes": 4}]).status_code == 200


def test_marks_replace_those_before_them(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    path = f"/tasks/{task}/clarifications"
    two = [{"indicator": "3", "question": "b?"}, {"indicator": "1", "question": "a?"}]
    marked = review.put("ani", path, {"fence": fence, "indicators": two})
    assert [mark["indicator"] for mark in marked.json["marks"]] == ["1", "3"]
    assert review.put("ani", path, {"fence": fence, "indicators": []}).json["marks"] == []


def test_marks_come_back_with_the_same_assessor_whoever_claims_in_between(review: Review, task: str) -> None:
    path = f"/tasks/{task}/clarifications"
    own = {"ani": {"indicator": "2", "question": "Why?"}, "budi": {"indicator": "3", "question": "Where?"}}
    fence = review.claim("ani", task)
    review.put("ani", path, {"fence": fence, "indicators": [own["ani"]]})
    review.run_out(task)
    fence = review.claim("budi", task)
    assert review.get("budi", "/cases/s-kota-a").json["task"]["marks"] == []
    review.put("budi", path, {"fence": fence, "indicators": [own["budi"]]})
    review.post("budi", f"/tasks/{task}/release", {"fence": fence})
    review.claim("ani", task)
    assert review.get("ani", "/cases/s-kota-a").json["task"]["marks"] == [own["ani"]]
    assert "Where?" not in review.get("ani", "/cases/s-kota-a").text
    assert review.finish("ani", ALL, claimed=task).status_code == 200
    (interview,) = review.stage.db["tasks"].find({"stage": "interview"})
    assert (interview["questions"], interview["indicators"]) == ([own["ani"]], ["2"])


def test_marks_that_were_taken_back_stay_away(review: Review, task: str) -> None:
    path = f"/tasks/{task}/clarifications"
    fence = review.claim("ani", task)
    review.put("ani", path, {"fence": fence, "indicators": [{"indicator": "1", "question": "Why?"}]})
    review.put("ani", path, {"fence": fence, "indicators": []})
    review.claim("ani", task)
    assert review.get("ani", "/cases/s-kota-a").json["task"]["marks"] == []


@pytest.mark.parametrize(
    ("marks", "cause"),
    [
        ([{"indicator": "9", "question": "Where?"}], "unknown-indicator"),
        ([{"indicator": "1", "question": "Where?"}, {"indicator": "1", "question": "When?"}], "marked-twice"),
        ([{"indicator": "1", "question": ""}], "invalid"),
        ([{"indicator": "1"}], "invalid"),
    ],
)
def test_marks_that_may_not_be_are_refused(
    review: Review, task: str, marks: list[dict[str, str]], cause: str
) -> None:
    fence = review.claim("ani", task)
    before = review.stage.state()
    answer = review.put("ani", f"/tasks/{task}/clarifications", {"fence": fence, "indicators": marks})
    assert (answer.status_code, answer.json["code"]) == (422, cause)
    assert review.stage.state() == before


def test_nothing_can_be_marked_where_no_stage_follows(review: Review) -> None:
    review.open(activity="monitoring")
    review.appoint("ani")
    task = review.open_task()
    answer = send(review, "ani", routes(task, review.claim("ani", task))["mark"])
    assert (answer.status_code, answer.json["code"]) == (422, "no-next-stage")


@pytest.mark.parametrize("route", ["heartbeat", "release", "rate", "patch", "mark", "finish"])
def test_a_late_write_is_refused_and_gives_back_what_was_sent(review: Review, task: str, route: str) -> None:
    fence = review.claim("ani", task)
    review.run_out(task)
    assert review.claim("budi", task) == fence + 1
    before = review.stage.state()
    late = routes(task, fence)[route]
    answer = send(review, "ani", late)
    assert (answer.status_code, answer.json["code"], answer.json["state"]) == (409, "lost-lease", "claimed")
    named = {"indicator": "1"} if route == "rate" else {}
    sent = {name: part for name, part in late[2].items() if name != "fence"}
    assert answer.json["yours"] == {**sent, **named}
    assert review.stage.state() == before


@pytest.mark.parametrize("route", ["heartbeat", "release", "rate", "patch", "mark", "finish"])
def test_a_lease_that_is_over_is_lost_even_when_nobody_took_the_task(
    review: Review, task: str, route: str
) -> None:
    fence = review.claim("ani", task)
    review.run_out(task)
    before = review.stage.state()
    answer = send(review, "ani", routes(task, fence)[route])
    assert (answer.status_code, answer.json["code"], answer.json["state"]) == (409, "lost-lease", "open")
    assert review.stage.state() == before


@pytest.mark.parametrize("route", ["heartbeat", "release", "rate", "patch", "mark", "finish"])
def test_who_never_held_a_task_learns_nothing_of_it(review: Review, task: str, route: str) -> None:
    fence = review.claim("ani", task)
    before = review.stage.state()
    refused = send(review, "budi", routes(task, fence)[route])
    nothing = send(review, "budi", routes("nothing", fence)[route])
    assert refused.status_code == nothing.status_code == 404
    assert refused.json["detail"] == nothing.json["detail"]
    assert review.stage.state() == before


@pytest.mark.parametrize("route", ["claim", "heartbeat", "release", "rate", "patch", "mark", "finish"])
def test_only_assessors_work_on_tasks(review: Review, task: str, route: str) -> None:
    review.stage.person("kepala", "coordinator", "kota-a")
    fence = review.claim("ani", task)
    all_routes = {**routes(task, fence), "claim": ("post", f"/tasks/{task}/claim", {})}
    before = review.stage.state()
    for who, status in (("officer", 403), ("kepala", 403), ("stranger", 403), (None, 401)):
        assert send(review, who, all_routes[route]).status_code == status
    assert review.stage.state() == before


@pytest.mark.parametrize("route", ["heartbeat", "release", "rate", "patch", "mark", "finish"])
def test_a_write_without_a_proper_fence_is_refused(review: Review, task: str, route: str) -> None:
    review.claim("ani", task)
    method, path, body = routes(task, 1)[route]
    before = review.stage.state()
    for fence in (None, 0, -1, 1.5, "1", 2**53):
        answer = send(review, "ani", (method, path, {**body, "fence": fence}))
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/fence")
    assert review.stage.state() == before


def test_a_finished_task_cannot_be_claimed_nor_changed(review: Review, task: str) -> None:
    review.finish("ani", ALL)
    before = review.stage.state()
    answer = review.post("budi", f"/tasks/{task}/claim")
    assert (answer.status_code, answer.json["code"]) == (409, "task-finished")
    late = review.rate("ani", task, 1, "1", 3)
    assert (late.status_code, late.json["state"]) == (409, "finished")
    assert review.stage.state() == before


def test_the_sweep_opens_what_nobody_renewed_and_leaves_the_rest_alone(review: Review, task: str) -> None:
    review.open("kota-b")
    young = review.open_task("kota-b")
    review.claim("ani", task)
    review.claim("budi", young)
    review.run_out(task)
    release_expired(review.stage.store)
    (event,) = review.stage.published(TaskReleased)
    assert (event.task, event.assessor, event.reason) == (task, "ani", "expired")
    assert review.stage.audited("case:s-kota-a")[-1] == "task.released"
    states = {row["_id"]: row["state"] for row in review.stage.db["tasks"].find()}
    assert states == {task: "open", young: "claimed"}
    release_expired(review.stage.store)
    assert len(review.stage.published(TaskReleased)) == 1


def test_who_claims_before_the_sweep_has_the_release_published_too(review: Review, task: str) -> None:
    review.claim("ani", task)
    review.run_out(task)
    assert review.claim("budi", task) == 2
    (event,) = review.stage.published(TaskReleased)
    assert (event.assessor, event.reason) == ("ani", "expired")
    release_expired(review.stage.store)
    assert len(review.stage.published(TaskReleased)) == 1


def test_a_lease_that_was_renewed_since_it_was_looked_up_is_left_alone(review: Review, task: str) -> None:
    review.claim("ani", task)
    before = review.stage.state()
    assert review.stage.run(commands.expire, task) is False
    assert review.stage.state() == before


def items(review: Review, who: str, **query: Any) -> list[tuple[str, str]]:
    listed = review.get(who, "/tasks", **query).json["items"]
    return [(task["agency"], task["state"]) for task in listed]


def test_an_assessor_sees_open_tasks_its_own_and_no_others(review: Review, task: str) -> None:
    for agency in ("kota-b", "kota-c"):
        review.open(agency)
    review.claim("ani", task)
    review.claim("budi", review.open_task("kota-b"))
    assert items(review, "ani") == [("kota-c", "open")]
    assert items(review, "ani", state="mine") == [("kota-a", "claimed")]
    assert items(review, "ani", state="all") == [("kota-a", "claimed"), ("kota-c", "open")]
    assert items(review, "officer", state="all") == [
        ("kota-a", "claimed"),
        ("kota-b", "claimed"),
        ("kota-c", "open"),
    ]
    assert items(review, "officer", state="mine") == []
    assert items(review, "ani", cycle="2025") == []
    assert "budi" not in review.get("ani", "/tasks", state="all").text


def test_how_far_somebody_else_came_is_shown_to_no_assessor(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    review.rate("ani", task, fence, "1", 3)
    review.post("ani", f"/tasks/{task}/release", {"fence": fence})

    def done(who: str) -> Any:
        (listed,) = review.get(who, "/tasks", state="all").json["items"]
        return listed["done"]

    assert [done(who) for who in ("ani", "budi", "officer")] == [1, None, 1]


def test_a_lease_that_is_over_is_listed_as_open(review: Review, task: str) -> None:
    review.claim("ani", task)
    review.run_out(task)
    assert items(review, "budi") == [("kota-a", "open")]
    assert items(review, "ani", state="mine") == []


def test_tasks_are_listed_page_by_page(review: Review, task: str) -> None:
    for agency in ("kota-b", "kota-c"):
        review.open(agency)
    first = review.get("ani", "/tasks", limit=2).json
    rest = review.get("ani", "/tasks", limit=2, after=first["next"]).json
    assert [task["agency"] for task in first["items"] + rest["items"]] == ["kota-a", "kota-b", "kota-c"]
    assert (task, rest["next"]) == (first["items"][0]["id"], None)


@pytest.mark.parametrize("query", [{"state": "done"}, {"limit": 0}, {"limit": 1000}, {"after": "?"}])
def test_a_list_that_cannot_be_is_refused(review: Review, task: str, query: dict[str, Any]) -> None:
    assert review.get("ani", "/tasks", **query).status_code in {400, 422}


def test_lists_are_for_the_ministry_and_assessors(review: Review, task: str) -> None:
    review.stage.person("kepala", "coordinator", "kota-a")
    for path in ("/tasks", "/cases", "/cases/s-kota-a"):
        assert review.get("kepala", path).status_code == 403
        assert review.get(None, path).status_code == 401


def test_the_role_alone_without_an_appointment_shows_and_gives_nothing(review: Review, task: str) -> None:
    review.stage.person("doni", "assessor")
    before = review.stage.state()
    assert items(review, "doni", state="mine") == []
    assert review.get("doni", "/cases").json["items"] == []
    assert review.get("doni", "/cases/s-kota-a").status_code == 404
    for route in routes(task, 1).values():
        assert send(review, "doni", route).status_code == 404
    assert review.post("doni", f"/tasks/{task}/claim").status_code == 404
    assert review.stage.state() == before


def test_one_mark_is_set_changed_and_taken_back_while_the_others_stay(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    path = f"/tasks/{task}/clarifications"
    review.put("ani", path, {"fence": fence, "indicators": [{"indicator": "3", "question": "b?"}]})
    for question, marks in (
        ("a?", [("1", "a?"), ("3", "b?")]),
        ("Mengapa?", [("1", "Mengapa?"), ("3", "b?")]),
        (" ", [("3", "b?")]),
    ):
        answer = review.put("ani", f"{path}/1", {"fence": fence, "question": question})
        assert [(mark["indicator"], mark["question"]) for mark in answer.json["marks"]] == marks
    refused = review.put("ani", f"{path}/9", {"fence": fence, "question": "x"})
    assert (refused.status_code, refused.json["code"]) == (422, "unknown-indicator")
    lost = review.put("ani", f"{path}/1", {"fence": fence + 1, "question": "x"})
    assert (lost.status_code, lost.json["code"]) == (409, "lost-lease")
    assert lost.json["yours"] == {"question": "x", "indicator": "1"}
