"""Reading scores: the ministry all, an agency its self-assessment's only, everybody else nothing."""

import re
from fractions import Fraction
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.scoring.builders import LEVELS, OnStage, completed, consume, finalised, introduce, scoring, sealed
from tests.support.stage import Stage

SCORES = "/scoring/api/v1/scores"


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """Two agencies, each with a score of its own and of the document stage; one has a final score too."""
    on = scoring(stage)
    introduce(on)
    events: dict[str, Any] = {"case:s1 final": finalised()}
    for submission, agency, cycle in [("s1", "ekon", "2026"), ("s2", "other", "2025")]:
        parts: dict[str, Any] = {"agency": agency, "cycle": cycle, "participation": f"{cycle}.{agency}"}
        events[f"submission:{submission}"] = sealed(submission, **parts)
        events[f"case:{submission}"] = completed(submission, **parts)
    consume(on, events)
    return on


def body(answer: TestResponse) -> Any:
    assert answer.is_json or answer.mimetype == "application/problem+json"
    return answer.get_json()


def ids(on: Stage, name: str, query: str = "") -> list[str]:
    answer = on.as_(name).get(f"{SCORES}{query}")
    assert answer.status_code == 200
    return [item["id"] for item in body(answer)["items"]]


def cause(answer: TestResponse) -> tuple[Any, ...]:
    problem = body(answer)
    return answer.status_code, problem["code"], problem["title"], problem["detail"]


def test_a_score_shows_every_node_with_its_part_of_the_index(on: Stage) -> None:
    answer = on.as_("officer").get(f"{SCORES}/s1.final")
    found = body(answer)
    nodes = {node["code"]: node for node in found["nodes"]}
    assert (found["index"], found["exact"], found["predicate"]) == ("2.95", "1179/400", "Baik")
    assert (found["kind"], found["stage"], found["guide_version"] != "") == ("final", "final", True)
    assert nodes["D4"]["index"] == "3.61"
    assert nodes["47"] == {
        "code": "47",
        "kind": "indicator",
        "index": "3.00",
        "exact": "3/1",
        "weight": nodes["47"]["weight"],
        "contribution": nodes["47"]["contribution"],
        "origin": "",
    }
    assert found["receipt"]["kind"] == "score"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["computed_at"])


def test_the_parts_of_the_top_nodes_add_up_to_the_index(on: Stage) -> None:
    found = body(on.as_("officer").get(f"{SCORES}/s1.final"))
    top = [Fraction(node["contribution"]) for node in found["nodes"] if node["kind"] == "domain"]
    leaves = [Fraction(node["contribution"]) for node in found["nodes"] if node["code"] in LEVELS]
    assert sum(top) == sum(leaves) == Fraction(found["exact"])


def test_the_ministry_sees_the_scores_of_all_agencies_and_stages(on: Stage) -> None:
    assert ids(on, "officer") == ["s1.document", "s1.final", "s1.self", "s2.document", "s2.self"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?cycle=2025", ["s2.document", "s2.self"]),
        ("?agency=ekon", ["s1.document", "s1.final", "s1.self"]),
        ("?stage=final", ["s1.final"]),
        ("?cycle=2026&agency=ekon&stage=self", ["s1.self"]),
        ("?cycle=2026&agency=other", []),
        ("?agency=nobody", []),
    ],
)
def test_scores_are_found_by_cycle_agency_and_stage(on: Stage, query: str, expected: list[str]) -> None:
    assert ids(on, "officer", query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["s1.self"]),
        ("?stage=self", ["s1.self"]),
        ("?stage=document", []),
        ("?stage=final", []),
        ("?agency=ekon", ["s1.self"]),
        ("?agency=other", []),
        ("?cycle=2025", []),
    ],
)
def test_an_agency_finds_its_own_first_score_only(on: Stage, query: str, expected: list[str]) -> None:
    assert ids(on, "ekon", query) == expected


def test_a_list_goes_on_where_its_page_ended(on: Stage) -> None:
    officer, seen, after = on.as_("officer"), [], ""
    for _ in range(3):
        page = body(officer.get(f"{SCORES}?limit=2{after}"))
        seen.append([item["id"] for item in page["items"]])
        after = f"&after={page['next']}"
    assert seen == [["s1.document", "s1.final"], ["s1.self", "s2.document"], ["s2.self"]]
    assert page["next"] is None


def test_rows_of_a_list_have_no_nodes(on: Stage) -> None:
    row = body(on.as_("officer").get(f"{SCORES}?limit=1"))["items"][0]
    assert row["index"] == "2.95"
    assert not {"nodes", "receipt"} & row.keys()


def test_an_agency_reads_its_own_first_score(on: Stage) -> None:
    assert body(on.as_("ekon").get(f"{SCORES}/s1.self"))["kind"] == "provisional"


@pytest.mark.parametrize("id", ["s2.self", "s1.document", "s1.final", "s2.document"])
def test_what_an_agency_may_not_see_looks_like_nothing(on: Stage, id: str) -> None:
    nothing = on.as_("ekon").get(f"{SCORES}/nothing.self")
    assert cause(on.as_("ekon").get(f"{SCORES}/{id}")) == cause(nothing)
    assert cause(nothing)[:2] == (404, "not-found")


@pytest.mark.parametrize("path", [SCORES, f"{SCORES}/s1.self"])
def test_others_are_turned_away(on: Stage, path: str) -> None:
    answers = [on.as_(name).get(path) for name in (None, "assessor", "somebody-unknown")]
    assert [answer.status_code for answer in answers] == [401, 403, 403]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?limit=0", 422, "invalid"),
        ("?limit=201", 422, "invalid"),
        ("?limit=many", 422, "invalid"),
        ("?cycle=2026%0A", 422, "invalid"),
        ("?agency=Ekon", 422, "invalid"),
        ("?agency=" + "a" * 64, 422, "invalid"),
        ("?stage=%24ne", 422, "invalid"),
        ("?after=x", 400, "bad-cursor"),
        ("?after=WzFd", 400, "bad-cursor"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(on: Stage, query: str, status: int, code: str) -> None:
    problem = on.as_("officer").get(f"{SCORES}{query}")
    assert cause(problem)[:2] == (status, code)


def test_reading_leaves_no_trace_in_the_database(on: Stage) -> None:
    before = on.state()
    for name in ("officer", "ekon"):
        for path in (SCORES, f"{SCORES}/s1.self"):
            assert on.as_(name).get(path).status_code == 200
    assert on.state() == before
