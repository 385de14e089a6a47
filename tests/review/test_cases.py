"""Opening a case and its evidence: who may, and what each sees."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.signing.keys import KeyRing
from shared.signing.links import open_link
from tests.review.builders import CODES, EXPLANATION, FILE, GONE, OTHER, Review

ALL = {"1": 2, "2": 3, "3": "2.75"}
CASE = "s-kota-a"


@pytest.fixture
def task(review: Review) -> str:
    """The open task of a case, and two assessors."""
    review.open()
    review.appoint("ani")
    review.appoint("budi")
    return review.open_task()


def test_the_holder_of_a_task_sees_what_was_handed_in_and_the_stages_before(
    review: Review, task: str
) -> None:
    fence = review.claim("ani", task)
    review.rate("ani", task, fence, "2", 3)
    case = review.get("ani", f"/cases/{CASE}").json
    assert [(answer["indicator"], answer["value"]) for answer in case["answers"]] == [
        ("1", "1"),
        ("2", "2"),
        ("3", "2.50"),
    ]
    assert case["answers"][0]["facts"] == "Fakta."
    assert {file["sha256"] for file in case["files"]} == {FILE, GONE}
    assert [file["reason"] for file in case["missing"]] == ["absent"]
    assert [(stage["stage"], stage["closed_by"]) for stage in case["completed"]] == [("self", "agency")]
    assert (case["stage"], case["state"], case["submission"]) == ("document", "open", CASE)
    assert (case["task"]["fence"], case["task"]["indicators"]) == (fence, list(CODES))
    assert [rating["value"] for rating in case["task"]["ratings"]] == ["3"]


def test_the_next_assessor_sees_the_stage_before_but_not_who_rated(review: Review, task: str) -> None:
    review.finish("ani", ALL, {"2": "Why?"})
    review.claim("budi", review.open_task())
    case = review.get("budi", f"/cases/{CASE}")
    document = case.json["completed"][1]
    assert [rating["value"] for rating in document["ratings"]] == ["2", "3", "2.75"]
    assert document["ratings"][0]["justification"] == EXPLANATION["justification"]
    assert document["ratings"][0]["pins"] == [
        {"sha256": FILE, "page": 3, "minutes": None, "x": None, "y": None}
    ]
    assert case.json["task"]["questions"] == [{"indicator": "2", "question": "Why?"}]
    assert "ani" not in case.text.replace("organi", "")


def test_the_ministry_sees_every_case_and_who_rated(review: Review, task: str) -> None:
    review.finish("ani", ALL)
    case = review.get("officer", f"/cases/{CASE}").json
    assert [stage["stage"] for stage in case["completed"]] == ["self", "document", "interview"]
    assert {rating["author"] for rating in case["completed"][1]["ratings"]} == {"ani"}
    assert (case["state"], case["stage"], case["task"]) == ("finalised", None, None)


def test_drafts_of_a_task_under_way_are_nobody_elses(review: Review, task: str) -> None:
    fence = review.claim("ani", task)
    review.rate("ani", task, fence, "1", 3, facts="A secret draft.")
    assert "A secret draft." not in review.get("officer", f"/cases/{CASE}").text


@pytest.mark.parametrize("how", ["never", "released", "expired", "finished"])
def test_a_case_is_closed_to_who_holds_no_task_of_it(review: Review, task: str, how: str) -> None:
    fence = review.claim("ani", task) if how in {"released", "expired"} else 0
    if how == "released":
        review.post("ani", f"/tasks/{task}/release", {"fence": fence})
    if how == "expired":
        review.run_out(task)
    if how == "finished":
        review.finish("ani", ALL)
    nothing = review.get("ani", "/cases/nothing")
    for path in (f"/cases/{CASE}", f"/cases/{CASE}/evidence/{FILE}", f"/cases/{CASE}/words"):
        answer = review.get("ani", path)
        assert (answer.status_code, answer.json["detail"]) == (404, nothing.json["detail"])


def test_the_holder_of_another_cases_task_does_not_see_this_one(review: Review, task: str) -> None:
    review.open("kota-b")
    review.claim("ani", task)
    review.claim("budi", review.open_task("kota-b"))
    assert review.get("ani", "/cases/s-kota-b").status_code == 404
    for what in (f"evidence/{FILE}", "words"):
        assert review.get("ani", f"/cases/s-kota-b/{what}").status_code == 404


def test_an_assessor_lists_the_cases_that_it_had_tasks_of(review: Review, task: str) -> None:
    review.open("kota-b")
    review.claim("ani", task)
    assert [case["id"] for case in review.get("ani", "/cases").json["items"]] == [CASE]
    assert [case["id"] for case in review.get("officer", "/cases").json["items"]] == [CASE, "s-kota-b"]
    assert review.get("budi", "/cases").json["items"] == []


def test_cases_are_listed_by_cycle_and_state_and_page_by_page(review: Review, task: str) -> None:
    review.finish("ani", ALL)
    review.open("kota-b")

    def ids(**query: object) -> list[str]:
        return [case["id"] for case in review.get("officer", "/cases", **query).json["items"]]

    assert ids(state="finalised") == [CASE]
    assert ids(state="open") == ["s-kota-b"]
    assert ids(cycle="2025") == []
    first = review.get("officer", "/cases", limit=1).json
    assert ids(limit=1, after=first["next"]) == ["s-kota-b"]
    assert review.get("officer", "/cases", state="lost").status_code == 422


@pytest.mark.parametrize(
    ("path", "place", "opens"),
    [(f"evidence/{FILE}", "evidence", FILE), ("words", "words", "words")],
    ids=["file", "explanations"],
)
def test_a_link_opens_one_thing_for_its_holder_for_five_minutes(
    review: Review, task: str, path: str, place: str, opens: str
) -> None:
    review.claim("ani", task)
    answer = review.get("ani", f"/cases/{CASE}/{path}")
    assert answer.status_code == 200
    address = urlsplit(answer.json["url"])
    assert address.path == f"/intake/api/v1/linked/{place}"
    keys = KeyRing.load(review.stage.settings.keys, "intake")
    (token,) = parse_qs(address.query)["link"]
    now = datetime.now(UTC)
    link = open_link(token, keys.publics, now)
    assert (link.sha256, link.submission, link.subject) == (opens, CASE, "ani")
    assert link.issuer == review.stage.settings.oidc_issuer
    assert 290 < (link.until - now).total_seconds() <= 300
    assert (link.task, link.fence) == (task, 1)
    (row,) = review.stage.db["audit"].find({"subject": f"access:{CASE}"})
    assert (row["actor"], row["action"], row["detail"]) == ("assessor:ani", "link.given", {"opens": opens})


@pytest.mark.parametrize("file", [GONE, OTHER, "x", "words"])
def test_a_file_that_did_not_come_has_no_link(review: Review, task: str, file: str) -> None:
    review.claim("ani", task)
    before = review.stage.state()
    answer = review.get("ani", f"/cases/{CASE}/evidence/{file}")
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")
    assert review.stage.state() == before


def test_links_are_for_assessors_only(review: Review, task: str) -> None:
    review.stage.person("kepala", "coordinator", "kota-a")
    before = review.stage.state()
    for who, status in (("officer", 403), ("kepala", 403), ("stranger", 403), (None, 401)):
        for what in (f"evidence/{FILE}", "words"):
            assert review.get(who, f"/cases/{CASE}/{what}").status_code == status
    assert review.stage.state() == before
