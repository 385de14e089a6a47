"""The value of an indicator that an index of another ministry gives is typed by nobody, and sealed as it is known."""

from typing import Any

import pytest

from shared.events.intake import SubmissionCompleted, SubmissionSealed
from tests.intake.files import digest
from tests.intake.forms import Forms
from tests.intake.rounds import FILE, A, Round, agency, answer, cycle, exhibit, good, problem
from tests.intake.test_external_indices import EDITION, LETTER, put

TYPED = ("1", "2", "4-1")


@pytest.fixture
def given(play: Round) -> Round:
    """A round in which indicator 3 gets its value from an index that has not come."""
    play.load_edition(EDITION)
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    play.put("minister", "/cycles/2026", cycle(), status=201)
    play.post("minister", "/cycles/2026/open")
    play.put("minister", f"/participations/{A}", {"activity": "monitoring", "visit": False}, status=201)
    return play


def answer_typed(play: Round) -> None:
    for code in TYPED:
        play.put("clerk-a", f"/self-assessments/{A}/answers/{code}", answer(2), rev=0)


def come(play: Round, index: str = "75") -> None:
    good(put(play, index, year="2021"), 201)


def answers(play: Round) -> dict[str, tuple[str, int]]:
    shown = play.get("clerk-a", f"/self-assessments/{A}")
    return {one["indicator"]: (one["value"], one["rev"]) for one in shown["answers"]}


def sealed_values(play: Round) -> list[tuple[str, str, str]]:
    (event,) = play.stage.published(SubmissionSealed)
    return [(one.indicator, one.value, one.origin) for one in event.answers]


def test_a_value_that_an_index_gives_is_refused_from_the_agency(given: Round) -> None:
    place = f"/self-assessments/{A}/answers/3"
    before = given.stage.state()
    assert problem(given.put_raw("clerk-a", place, answer(2), 0)) == (422, "value-given")
    patch = {"answers": [{"indicator": "3", "rev": 0, "value": 2}]}
    made = good(given.as_("clerk-a").patch(f"/intake/api/v1/self-assessments/{A}/answers", json=patch))
    assert made["answers"][0]["problem"]["code"] == "value-given"
    assert given.stage.state() == before


def test_until_the_index_comes_the_value_is_assumed_and_nothing_is_missing(given: Round) -> None:
    shown = given.get("clerk-a", f"/self-assessments/{A}")
    assert (shown["missing"], shown["answered"], shown["of"]) == (list(TYPED), 1, 4)
    assert answers(given) == {"3": ("1", 0)}
    answer_typed(given)
    assert given.get("minister", f"/self-assessments/{A}")["answered"] == 4
    ready = given.get("officer-a", f"/self-assessments/{A}/readiness")
    assert [gap for gap in ready["gaps"] if gap["indicator"] == "3"] == []
    given.seal()
    assert sealed_values(given) == [("1", "2", ""), ("2", "2", ""), ("3", "1", "assumed"), ("4-1", "2", "")]
    (completed,) = given.stage.published(SubmissionCompleted)
    assert [(one.value, one.origin, one.facts) for one in completed.answers][2] == ("1", "assumed", "")


def test_an_index_that_came_is_sealed_with_what_the_agency_wrote_beside_it(given: Round) -> None:
    come(given)
    answer_typed(given)
    said = {"indicator": "3", "rev": 0, "facts": "Indeks 2021", "evidence": [exhibit()]}
    place = f"/intake/api/v1/self-assessments/{A}/answers"
    good(given.as_("clerk-a").patch(place, json={"answers": [said]}))
    assert answers(given)["3"] == ("2.5", 1)
    assert given.upload(FILE).status_code == 204
    sealed = given.seal()
    assert sealed_values(given)[2] == ("3", "2.5", "external")
    view = given.get("officer-a", f"/submissions/{sealed['submission']}")
    explained = {one["indicator"]: one for one in view["answers"]}
    assert explained["3"]["value"] == "2.5"
    assert explained["3"]["facts"] == "Indeks 2021"
    assert explained["3"]["evidence"] == [digest(FILE)]
    proof = given.get("officer-a", f"/submissions/{sealed['submission']}/proof?answer=3")
    assert proof["leaf"]["value"] == "2.5"
    good(put(given, "80", rev=1, year="2021", reason="Salah ketik"))
    assert answers(given)["3"] == ("2.5", 1)


def test_an_index_that_comes_meanwhile_has_the_seal_looked_at_anew(given: Round) -> None:
    answer_typed(given)
    order = given.order()
    come(given)
    assert problem(given.seal_raw(order)) == (409, "changed-meanwhile")
    good(given.seal_raw(given.order()), 201)


def test_the_page_of_the_indicator_shows_the_index_or_that_it_has_not_come(given: Round) -> None:
    page = Forms(given, "clerk-a")
    before = page.get("/indicators/3").text
    assert "belum ada: dihitung 1 sampai datang" in before
    assert 'name="value"' not in before
    come(given)
    shown = page.get("/indicators/3").text
    assert all(text in shown for text in ("Indeks Data", "2021", "75", LETTER, "2,5"))
    saved: Any = page.post("/indicators/3", rev="0", facts="Indeks kami")
    assert (saved.status_code, answers(given)["3"]) == (303, ("2.5", 1))
    assert 'name="value"' in page.get("/indicators/1").text


def test_the_page_of_an_indicator_shows_what_its_levels_ask_of_an_index(given: Round) -> None:
    page = Forms(given, "clerk-a")
    before = page.get("/indicators/2").text
    assert "Tingkat 2 meminta paling sedikit 1,5." in before
    assert "belum ada" in before
    good(put(given, "3.25", source="cipher", year="2021"), 201)
    assert f"3,25 dari tahun 2021, {LETTER}" in page.get("/indicators/2").text
