"""An agency's own results: for its people alone, from the publication on, its own values beside the final ones."""

import re

import pytest
from werkzeug.test import TestResponse

from services.scoring.app import service
from tests.scoring.builders import (
    LEVELS,
    OFFICERS,
    OnStage,
    consume,
    final,
    nation,
    publish,
    sealed,
    year_before,
)
from tests.support.questions import PAGE
from tests.support.stage import Stage


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """A published result of an agency and one that waits of another, each with what it said itself."""
    on = nation(stage(service))
    own = {**LEVELS, "1": 5}
    consume(on, {"submission:s1": sealed(values=own), "submission:s2": sealed("s2", agency="other")})
    return on


def page(on: Stage, path: str, who: str | None) -> TestResponse:
    answer: TestResponse = on.as_(who).get(f"/scoring/own{path}?lang=en", headers=PAGE)
    return answer


def without_number(text: str) -> str:
    """A page without the number of its request."""
    return re.sub("[0-9a-f]{32}", "", text)


def test_its_people_see_their_own_values_beside_the_final_ones(on: Stage) -> None:
    year_before(on)
    answer = page(on, "/s1", "ekon")
    text = " ".join(answer.text.split())
    assert answer.status_code == 200
    for said in ("2.95", "By your own answers", "since Penilaian 2025", "/scoring/results/s1/receipt"):
        assert said in text
    assert 'href="/review/words/s1"' in text


@pytest.mark.parametrize("shows", [True, False])
def test_the_words_of_the_assessors_are_led_to_where_the_cycle_shows_them(on: Stage, shows: bool) -> None:
    on.db["cycles"].update_one({"_id": "2026"}, {"$set": {"shows_words": shows}})
    answer = page(on, "/s1", "ekon")
    assert on.as_(OFFICERS["approve"]).post("/scoring/api/v1/results/s2/approve", json={}).status_code == 200
    place = "/scoring/decisions?what=publish&submission=s2&lang=en"
    ahead = on.as_(OFFICERS["publish"]).get(place, headers=PAGE)
    told = [
        "/review/words" in answer.text,
        re.search(r'<script[^>]*src="[^"]*/words[-.]', answer.text) is not None,
        "What the assessors wrote, and your own values, are seen" in answer.text,
        "people see what the assessors wrote" in ahead.text,
    ]
    assert (answer.status_code, ahead.status_code, told) == (200, 200, [shows] * 4)


def test_a_cycle_of_which_an_older_event_came_shows_them(on: Stage) -> None:
    on.db["cycles"].update_one({"_id": "2026"}, {"$unset": {"shows_words": 1}})
    assert "/review/words" in page(on, "/s1", "ekon").text


def test_without_a_self_assessment_there_is_only_the_final_value(on: Stage) -> None:
    on.db["scores"].delete_one({"_id": "s1.self"})
    answer = page(on, "/s1", "ekon")
    assert (answer.status_code, "By your own answers" in answer.text) == (200, False)


@pytest.mark.parametrize(
    ("who", "path"), [("other", "/s1"), ("other", "/s2"), ("ekon", "/s2"), ("ekon", "/s9")]
)
def test_nobody_else_s_and_nothing_before_its_publication(on: Stage, who: str, path: str) -> None:
    answer, none = page(on, path, who), page(on, "/nothing", who)
    assert answer.status_code == none.status_code == 404
    assert without_number(answer.text) == without_number(none.text.replace("nothing", path[1:]))


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("assessor", 403)])
def test_others_have_no_results_of_their_own(on: Stage, who: str, status: int) -> None:
    for path in ("", "/s1", "/s9"):
        assert page(on, path, who).status_code == status


def test_the_years_are_those_of_the_own_agency(on: Stage) -> None:
    year_before(on)
    text = page(on, "", "ekon").text
    assert text.index("Penilaian 2026") < text.index("Penilaian 2025")
    assert "No result of your agency is published yet." in page(on, "", "other").text
    publish(on, "s2")
    assert "/scoring/own/s2" in page(on, "", "other").text
    assert "/scoring/own/s2" not in page(on, "", "ekon").text
    final(on, "s3", "other", "2027")
    assert "/scoring/own/s3" not in page(on, "", "other").text
