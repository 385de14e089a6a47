"""Results: approved, then published, each once; an agency sees its own when it is published."""

import threading
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.scoring import commands
from services.scoring.domain import DecisionOrder
from shared.core.canonical import exact
from shared.core.errors import Forbidden
from shared.events.scoring import ResultApproved, ResultPublished
from shared.signing import merkle, receipts
from shared.signing.keys import KeyRing
from tests.scoring.builders import (
    LEVELS,
    OFFICERS,
    OnStage,
    completed,
    final,
    finalised,
    introduce,
    publish,
    scoring,
)
from tests.support.stage import Stage

RESULTS = "/scoring/api/v1/results"
STEPS = ("approve", "publish")


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """A final score of each of two agencies."""
    on = scoring(stage)
    introduce(on)
    final(on)
    final(on, "s2", "other", "2025")
    return on


def body(answer: TestResponse) -> Any:
    return answer.get_json()


def decide(on: Stage, step: str, submission: str = "s1", name: str | None = "", **json: Any) -> TestResponse:
    """Decide in the name of whoever does that usually, or in another one."""
    answer: TestResponse = on.as_(OFFICERS[step] if name == "" else name).post(
        f"{RESULTS}/{submission}/{step}", json=json
    )
    return answer


def cause(answer: TestResponse) -> tuple[Any, ...]:
    problem = body(answer)
    return answer.status_code, problem["code"], problem["title"], problem["detail"]


def ids(on: Stage, name: str, query: str = "") -> list[str]:
    return [item["id"] for item in body(on.as_(name).get(f"{RESULTS}{query}"))["items"]]


# deciding


def test_a_result_is_approved_and_then_published(on: Stage) -> None:
    assert body(on.as_("officer").get(f"{RESULTS}/s1"))["state"] == "computed"
    approved = decide(on, "approve", note="Checked against the minutes.")
    published = decide(on, "publish")
    assert [approved.status_code, published.status_code] == [200, 200]
    assert [body(approved)["state"], body(published)["state"]] == ["approved", "published"]
    decisions = [
        (decision["what"], decision["by"], decision["note"]) for decision in body(published)["decisions"]
    ]
    assert decisions == [
        ("approved", "p-officer", "Checked against the minutes."),
        ("published", "p-second", None),
    ]
    assert on.audited("result:s1") == ["result.computed", "result.approved", "result.published"]


def test_what_is_published_is_the_published_report(on: Stage) -> None:
    publish(on)
    (approved,), (published,) = on.published(ResultApproved), on.published(ResultPublished)
    assert (approved.result, approved.agency, approved.score) == ("s1", "ekon", "s1.final")
    assert (published.result, published.agency, published.cycle) == ("s1", "ekon", "2026")
    assert (published.index, published.exact, published.predicate) == ("2.95", "1179/400", "Baik")
    nodes = {node.code: node.index for node in published.nodes}
    assert (nodes["D1"], nodes["D4"], nodes["A7"], nodes["41"]) == ("3.00", "3.61", "3.90", "5.00")


def test_the_published_receipt_covers_the_published_nodes(on: Stage) -> None:
    publish(on)
    (told,) = on.published(ResultPublished)
    receipts.verify(told.receipt, KeyRing.load(on.settings.keys, "notify").publics)
    leaves = [exact({"kind": "node", "code": event.code, "index": event.index}) for event in told.nodes]
    assert merkle.root(leaves).hex() == told.receipt["root"]
    stated = [
        told.receipt[name] for name in ("kind", "subject", "agency", "cycle", "index", "version", "score")
    ]
    assert stated == ["result", "result:s1", "ekon", "2026", "2.95", 1, "s1.final"]


@pytest.mark.parametrize("step", STEPS)
def test_a_decision_taken_again_gives_the_same_answer_and_publishes_nothing(on: Stage, step: str) -> None:
    publish(on)
    first, before = decide(on, step), on.state()
    again = decide(on, step)
    assert (again.status_code, body(again), again.headers["ETag"]) == (
        200,
        body(first),
        first.headers["ETag"],
    )
    assert on.state() == before


@pytest.mark.parametrize("step", STEPS)
def test_a_decision_taken_by_many_at_once_is_taken_once(on: Stage, step: str) -> None:
    if step == "publish":
        decide(on, "approve")
    answers: list[TestResponse] = []
    clients = [on.as_(OFFICERS[step]) for _ in range(6)]
    threads = [
        threading.Thread(
            target=lambda client=client: answers.append(client.post(f"{RESULTS}/s1/{step}", json={}))
        )
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({answer.get_data() for answer in answers}) == 1
    assert (
        on.published_types().count({"approve": "result.approved.v1", "publish": "result.published.v1"}[step])
        == 1
    )


def test_a_decision_needs_no_body(on: Stage) -> None:
    assert on.as_("officer").post(f"{RESULTS}/s1/approve").status_code == 200


def test_the_version_of_a_result_counts_its_changes(on: Stage) -> None:
    tags = [on.as_("officer").get(f"{RESULTS}/s1").headers["ETag"]]
    tags += [decide(on, step).headers["ETag"] for step in STEPS]
    assert tags == ['"1"', '"2"', '"3"']


def test_what_nobody_approved_cannot_be_published(on: Stage) -> None:
    before = on.state()
    answer = decide(on, "publish")
    assert cause(answer)[:2] == (409, "not-approved")
    assert "approve it first" in cause(answer)[3]
    assert on.state() == before


@pytest.mark.parametrize("step", STEPS)
def test_without_a_final_score_there_is_nothing_to_decide(on: Stage, step: str) -> None:
    on.consume("case:s3", completed("s3"))
    before = on.state()
    answers = [decide(on, step, id) for id in ("s3", "nothing")]
    assert [cause(answer)[:2] for answer in answers] == [(404, "not-found")] * 2
    assert on.state() == before


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("name", "status"), [(None, 401), ("ekon", 403), ("assessor", 403), ("stranger", 403)]
)
def test_only_the_ministry_decides(on: Stage, step: str, name: str | None, status: int) -> None:
    before = on.state()
    assert decide(on, step, name=name).status_code == status
    assert decide(on, step, "nothing", name=name).status_code == status
    assert on.state() == before


def test_the_rule_holds_behind_the_door_too(on: Stage) -> None:
    before = on.state()
    with pytest.raises(Forbidden):
        on.run(commands.approve, "s1", DecisionOrder(), caller=on.person("ekon", "coordinator", "ekon"))
    assert on.state() == before


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"json": {"note": ""}}, 422, "invalid"),
        ({"json": {"note": "x" * 2001}}, 422, "invalid"),
        ({"json": {"note": 5}}, 422, "invalid"),
        ({"json": {"noted": "x"}}, 422, "invalid"),
        ({"json": []}, 422, "invalid"),
        ({"data": "{", "content_type": "application/json"}, 400, "not-json"),
        ({"data": "note=x", "content_type": "text/plain"}, 415, "unsupported-media-type"),
    ],
)
def test_a_body_that_is_not_as_it_should_be_changes_nothing(
    on: Stage, step: str, options: dict[str, Any], status: int, code: str
) -> None:
    decide(on, "approve")
    before = on.state()
    answer = on.as_(OFFICERS[step]).post(f"{RESULTS}/s1/{step}", **options)
    assert cause(answer)[:2] == (status, code)
    assert on.state() == before
    assert body(on.as_("officer").get(f"{RESULTS}/s1"))["state"] == "approved"


# reading


def test_the_ministry_sees_results_in_every_state(on: Stage) -> None:
    publish(on)
    assert ids(on, "officer") == ["s1", "s2"]
    assert ids(on, "officer", "?cycle=2025") == ["s2"]
    assert ids(on, "officer", "?agency=ekon") == ["s1"]
    rows = body(on.as_("officer").get(RESULTS))["items"]
    assert [(row["state"], row["index"], row["agency_name"]) for row in rows] == [
        ("published", "2.95", "Kemenko Perekonomian"),
        ("computed", "2.95", "Lain"),
    ]


def test_results_come_in_pages(on: Stage) -> None:
    first = body(on.as_("officer").get(f"{RESULTS}?limit=1"))
    assert ids(on, "officer", f"?limit=1&after={first['next']}") == ["s2"]


def test_an_agency_sees_its_own_result_from_its_publication_on(on: Stage) -> None:
    ekon = on.as_("ekon")
    for step in STEPS:
        assert ids(on, "ekon") == []
        assert [ekon.get(f"{RESULTS}/s1{end}").status_code for end in ("", "/receipt")] == [404, 404]
        decide(on, step)
    found = body(ekon.get(f"{RESULTS}/s1"))
    assert ids(on, "ekon") == ["s1"]
    assert (found["state"], found["index"], found["published_at"] is not None) == ("published", "2.95", True)
    assert {node["code"]: node["index"] for node in found["nodes"]}["D4"] == "3.61"
    assert ekon.get(f"{RESULTS}/s1/receipt").get_json() == on.published(ResultPublished)[0].receipt


def test_an_agency_learns_who_decided_and_not_the_notes(on: Stage) -> None:
    decide(on, "approve", note="for us only")
    decide(on, "publish", note="for us too")
    shown = on.as_("ekon").get(f"{RESULTS}/s1")
    decisions = [(taken["what"], taken["by"], taken["note"]) for taken in body(shown)["decisions"]]
    assert decisions == [("approved", "p-officer", None), ("published", "p-second", None)]
    assert "for us" not in shown.get_data(as_text=True)
    assert "for us" not in on.as_("ekon").get(f"{RESULTS}/s1/receipt").get_data(as_text=True)


@pytest.mark.parametrize("end", ["", "/receipt"])
def test_another_agencys_result_looks_like_nothing_even_when_published(on: Stage, end: str) -> None:
    publish(on, "s2")
    nothing = on.as_("ekon").get(f"{RESULTS}/nothing{end}")
    assert cause(on.as_("ekon").get(f"{RESULTS}/s2{end}")) == cause(nothing)
    assert cause(on.as_("ekon").get(f"{RESULTS}/s1{end}")) == cause(nothing)
    assert nothing.status_code == 404
    assert ids(on, "ekon") == ids(on, "ekon", "?agency=other") == []


def test_before_publication_even_the_ministry_gets_no_receipt(on: Stage) -> None:
    answer = on.as_("officer").get(f"{RESULTS}/s1/receipt")
    assert cause(answer)[:2] == (404, "not-found")
    assert "not published yet" in cause(answer)[3]


@pytest.mark.parametrize("path", ["", "/s1", "/s1/receipt"])
def test_others_are_turned_away(on: Stage, path: str) -> None:
    publish(on)
    answers = [on.as_(name).get(f"{RESULTS}{path}") for name in (None, "assessor", "stranger")]
    assert [answer.status_code for answer in answers] == [401, 403, 403]


@pytest.mark.parametrize("query", ["?limit=0", "?cycle=%24gt", "?agency=A", "?after=x"])
def test_a_question_that_cannot_be_read_is_refused(on: Stage, query: str) -> None:
    assert on.as_("officer").get(f"{RESULTS}{query}").status_code in {400, 422}


def test_a_published_result_stays_as_it_is_when_another_set_comes(on: Stage) -> None:
    publish(on)
    before = on.as_("officer").get(f"{RESULTS}/s1").get_data()
    assert on.consume("case:s1", finalised(values={**LEVELS, "1": 5})) == "retry"
    assert on.as_("officer").get(f"{RESULTS}/s1").get_data() == before
