"""The bench through the blueprints: what it shows of an indicator, and what its forms do without a script."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.review.pages.queue import PLACE
from tests.review.builders import EXPLANATION, FILE, Review


@pytest.fixture
def task(review: Review) -> str:
    """The open task of a case, held by ani; budi may assess too."""
    review.open()
    review.appoint("ani")
    review.appoint("budi")
    task = review.open_task()
    review.claim("ani", task)
    return task


def get(review: Review, path: str, who: str = "ani") -> TestResponse:
    answer: TestResponse = review.stage.as_(who).get(f"{PLACE}/{path}")
    return answer


def shown(review: Review, path: str) -> str:
    answer = get(review, f"{path}{'&' if '?' in path else '?'}lang=en")
    assert answer.status_code == 200, answer.text
    return answer.text


def send(review: Review, path: str, **form: Any) -> TestResponse:
    answer: TestResponse = review.stage.as_("ani").post(f"{PLACE}/{path}?lang=en", data={"fence": 1} | form)
    return answer


def stored(review: Review) -> dict[str, dict[str, Any]]:
    task = review.get("ani", "/cases/s-kota-a").json["task"]
    return {each["indicator"]: each for each in task["ratings"]}


def test_it_begins_with_what_is_not_rated_completely_and_leads_to_the_end(review: Review, task: str) -> None:
    assert get(review, task).location == f"{PLACE}/{task}/indicators/1"
    review.rate("ani", task, 1, "1", 2)
    assert get(review, task).location == f"{PLACE}/{task}/indicators/2"
    for code in ("2", "3"):
        review.rate("ani", task, 1, code, 2)
    assert get(review, task).location == f"{PLACE}/{task}/end"


def test_it_shows_what_the_agency_said_its_files_and_the_conditions(review: Review, task: str) -> None:
    text = shown(review, f"{task}/indicators/1")
    for said in ("Fakta.", "Analisis.", "Indikator1-SK.pdf", "It regulates everything.", "0 of 3 rated"):
        assert said in text
    assert f"/files/{FILE}/pages/1?width=1200" in text
    assert "b.pdf" not in text, "it never came"


def test_it_shows_what_the_edition_asks_where_values_lie_between_levels(review: Review, task: str) -> None:
    text = shown(review, f"{task}/indicators/3")
    for said in (
        "How much?",
        "The value comes from Another index (Bappenas)",
        "1 point of this indicator",
        "Its order.",
        "1 · Lower (1.00 to below 2.00)",
        "2 · Upper (2.00 to 3.00)",
        "Read like this.",
        'A plan <span class="n-aside">(less than 2 years old)',
        '<span class="n-aside">I3-L1-01</span>',
        "Its code.",
        "For all levels",
    ):
        assert said in text, said
    assert 'data-level="2" data-begins="2.00"' in text
    assert 'type="radio"' not in text, "a value of a range is written"
    assert "The value comes from the assessors" in shown(review, f"{task}/indicators/1")


def test_a_value_is_proposed_from_what_is_accepted_and_taken_or_not(review: Review, task: str) -> None:
    assert 'id="take"' not in shown(review, f"{task}/indicators/3")
    send(review, f"{task}/indicators/3", version=0, accepted=["I3-L1-02"], facts="Ada.")
    text = shown(review, f"{task}/indicators/3")
    assert "1.50: 1 of 2 pieces of evidence of level 1 are accepted" in text
    assert ('name="take" value="1.5"' in text, "Its rule." in text) == (True, True)
    assert "accepted; yours differs" not in text
    assert re.search(r'value="I3-L1-02" checked', text)
    assert not re.search(r'value="I3-L1-01" checked', text)

    send(review, f"{task}/indicators/3", version=1, accepted=["I3-L1-02"], value="2,25", facts="Ada.")
    text = shown(review, f"{task}/indicators/3")
    assert "1 of 2 pieces of evidence of level 1 are accepted; yours differs, so say why" in text

    send(review, f"{task}/indicators/3", version=2, accepted=["I3-L1-02"], value="2,25", take="1.5")
    assert stored(review)["3"]["value"] == "1.5"
    text = shown(review, f"{task}/indicators/3")
    assert ("are accepted" in text, 'id="take"' in text, "accepted; yours differs" in text) == (
        True,
        False,
        False,
    )


def test_a_fraction_is_shown_as_it_is_kept_and_not_rounded_when_it_is_sent_again(
    review: Review, task: str
) -> None:
    review.rate("ani", task, 1, "3", "7/6", accepted=["I3-L1-01"])
    assert 'id="value" name="value" inputmode="decimal" value="7/6"' in shown(review, f"{task}/indicators/3")
    review.rate("ani", task, 1, "3", "1.23456")
    text = get(review, f"{task}/indicators/3?lang=id").text
    assert 'inputmode="decimal" value="1,23456"' in text


def test_a_form_saves_a_rating_and_goes_on(review: Review, task: str) -> None:
    form = {"version": 0, "value": "2", "conditions": ["1.1.a", "1.2.a"], **EXPLANATION, "next": "2"}
    pins = [f"{FILE}@3@500,20", "§2", "nonsense"]
    answer = send(review, f"{task}/indicators/1", **form, pins=pins, question="Di mana?")
    assert (answer.status_code, answer.location) == (303, f"{PLACE}/{task}/indicators/2")
    kept = stored(review)["1"]
    assert {name: kept[name] for name in ("value", "conditions", *EXPLANATION)} == {
        "value": "2",
        "conditions": ["1.1.a", "1.2.a"],
        **EXPLANATION,
    }
    assert [(pin["sha256"], pin["page"], pin["x"], pin["y"], pin["minutes"]) for pin in kept["pins"]] == [
        (FILE, 3, 500, 20, None),
        (None, None, None, None, 2),
    ]
    assert review.get("ani", "/cases/s-kota-a").json["task"]["marks"] == [
        {"indicator": "1", "question": "Di mana?"}
    ]
    text = shown(review, f"{task}/indicators/1")
    assert "Indikator1-SK.pdf, page 3" in text
    assert "minutes, paragraph 2" in text


def test_its_button_pins_the_page_that_is_shown_and_stays_there(review: Review, task: str) -> None:
    answer = send(review, f"{task}/indicators/2", version=0, file=FILE, page="4", deed="pin", paragraph="7")
    assert answer.location == f"{PLACE}/{task}/indicators/2?file={FILE}&page=4"
    pins = [(pin["page"], pin["minutes"]) for pin in stored(review)["2"]["pins"]]
    assert pins == [(4, None), (None, 7)]


def test_a_decimal_comma_counts_as_a_point(review: Review, task: str) -> None:
    assert send(review, f"{task}/indicators/3", version=0, value="2,75").status_code == 303
    assert stored(review)["3"]["value"] == "2.75"
    listed = get(review, f"{task}/indicators/3?lang=id").text
    assert '<strong class="n-tree__value">2,75<' in listed


def test_what_cannot_be_kept_is_shown_again_with_why(review: Review, task: str) -> None:
    before = review.stage.state()
    answer = send(review, f"{task}/indicators/3", version=0, value="9", facts="Saya tulis.")
    assert answer.status_code == 422
    assert "a number from 1.00 to 3.00" in answer.text
    assert "Saya tulis." in answer.text
    assert review.stage.state() == before


def test_a_stale_form_shows_both_texts(review: Review, task: str) -> None:
    review.rate("ani", task, 1, "2", 2)
    answer = send(review, f"{task}/indicators/2", version=0, value="3", facts="Yang lain")
    assert answer.status_code == 422
    assert "Yang lain" in answer.text
    assert EXPLANATION["facts"] in answer.text
    assert stored(review)["2"]["value"] == "2"


def test_a_question_where_no_stage_follows_is_not_asked_for(review: Review) -> None:
    review.open(activity="monitoring")
    review.appoint("ani")
    task = review.open_task()
    fence = review.claim("ani", task)
    assert 'name="question"' not in shown(review, f"{task}/indicators/1")
    answer = send(review, f"{task}/indicators/1", fence=fence, version=0, value="1", question="Mengapa?")
    assert answer.status_code == 422
    assert "No stage comes after document" in answer.text


def test_the_end_lists_what_is_missing_and_finishes_when_nothing_is(review: Review, task: str) -> None:
    review.rate("ani", task, 1, "1", 2, facts="")
    text = shown(review, f"{task}/end")
    assert "3 indicators are not rated completely" in text
    assert "facts" in text
    refused = send(review, f"{task}/end")
    assert refused.status_code == 422
    assert "3 indicators are not rated completely" in refused.text
    for code in ("1", "2", "3"):
        review.rate("ani", task, 1, code, 2)
    send(review, f"{task}/indicators/2", version=1, question="Mengapa?")
    text = shown(review, f"{task}/end")
    assert "Mengapa?" in text
    assert "1 → <strong>2" in text
    answer = send(review, f"{task}/end")
    assert (answer.status_code, answer.location) == (303, f"{PLACE}?finished")
    told = review.stage.as_("ani").get(f"{answer.location}&lang=en").text
    assert "The task is finished" in told
    assert [one["state"] for one in review.stage.db["tasks"].find({"stage": "document"})] == ["finished"]


def test_a_later_stage_shows_the_one_before_and_its_question(review: Review, task: str) -> None:
    for code in ("1", "2", "3"):
        review.rate("ani", task, 1, code, 2, justification="Sebab begitu.")
    pins = [f"{FILE}@3@500,20", "§2"]
    form = {"version": 1, "value": "2", **EXPLANATION, "justification": "Sebab begitu."}
    assert send(review, f"{task}/indicators/2", **form, pins=pins).status_code == 303
    review.put("ani", f"/tasks/{task}/clarifications/2", {"fence": 1, "question": "Sejak kapan?"})
    review.post("ani", f"/tasks/{task}/finish", {"fence": 1})
    later = review.open_task()
    review.claim("ani", later)
    text = shown(review, f"{later}/indicators/2")
    assert "Sejak kapan?" in text
    assert "Sebab begitu." in text
    assert f'?file={FILE}&amp;page=3" data-pin="{FILE}@3@500,20"' in text
    assert 'data-pin="§2"' in text
    assert get(review, f"{later}/indicators/1").status_code == 404


@pytest.mark.parametrize("path", ["", "/indicators/1", "/end"])
def test_nobody_but_the_holder_sees_it(review: Review, task: str, path: str) -> None:
    answer = get(review, f"{task}{path}", "budi")
    assert answer.status_code == 404
    assert "Fakta." not in answer.text
    assert get(review, f"{'0' * 26}{path}").status_code == 404
    review.run_out(task)
    lost = get(review, f"{task}{path}?lang=en")
    assert lost.status_code == 409
    assert "You do not hold this task any more" in lost.text
    declared = {"agencies": [{"agency": "kota-a", "reason": "Saudara bekerja di sana."}]}
    review.claim("ani", task)
    review.put("ani", "/assessors/ani/conflicts", declared, '"1"')
    assert get(review, f"{task}{path}").status_code in {404, 409}


def test_an_old_window_can_neither_save_nor_finish(review: Review, task: str) -> None:
    review.claim("ani", task)
    before = review.stage.state()
    for path in ("indicators/1", "end"):
        answer = send(review, f"{task}/{path}", version=0, value="1", facts="Lama")
        assert answer.status_code == 409
    assert review.stage.state() == before


@pytest.mark.parametrize(
    "form", [{"fence": ""}, {"fence": "x"}, {"question": "x" * 5001}, {"question": "\0"}]
)
def test_a_form_that_no_page_of_ours_sends_changes_nothing(
    review: Review, task: str, form: dict[str, str]
) -> None:
    before = review.stage.state()
    answer = send(review, f"{task}/indicators/1", version=0, value="1", **form)
    assert answer.status_code == 400
    assert "load its page anew" in answer.text
    assert review.stage.state() == before
