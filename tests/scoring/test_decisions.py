"""Approving and publishing by form: what it would come to, one or several, by two officers, each with its outcome."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.scoring.app import service
from services.scoring.domain import (
    BY_CHANGE,
    RESULT_STATES,
    CaseFilter,
    Publication,
    PublishedCycle,
    ScoredCase,
    StageIndex,
    Year,
    choose_cases,
    stages_of,
    with_changes,
)
from services.scoring.pages.decisions import MOST
from shared.events.scoring import ResultPublished
from shared.instrument import shipped
from tests.scoring.builders import (
    LATER,
    LEVELS,
    OnStage,
    completed,
    consume,
    final,
    introduce,
    nation,
    scoring,
    sealed,
    year_before,
)
from tests.support.questions import PAGE
from tests.support.stage import LONG_AGO, Stage

SCORES, DECISIONS = "/scoring/scores", "/scoring/decisions"
NONE = "\N{EN DASH}"


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """A published result, one that waits for its approval, and a submission that waits for its review."""
    on = nation(stage(service))
    year_before(on)
    own = sealed("s2", agency="other", participation="2026.other")
    waiting = sealed("s3", agency="third", participation="2026.third", values={**LEVELS, "1": 1})
    on.db["agencies"].insert_one({"_id": "third", "name": "Kota Tiga", "group": "Kota", "sequence": 1})
    consume(on, {"submission:s2": own, "submission:s3": waiting})
    consume(on, {"case:s2 document": completed("s2", agency="other", participation="2026.other")})
    return on


def see(on: Stage, path: str, who: str = "officer", status: int = 200) -> str:
    sign = "&" if "?" in path else "?"
    answer: TestResponse = on.as_(who).get(f"{path}{sign}lang=en", headers=PAGE)
    assert answer.status_code == status, answer.text
    return " ".join(answer.text.split())


def names(text: str) -> list[str]:
    return re.findall(r'scope="row"[^>]*>(?:<div>)?<a [^>]+>([^<]+)<', text)


def decide(on: Stage, who: str, what: str, *submissions: str, **more: Any) -> TestResponse:
    """Send the form."""
    form = {"what": what, "submission": list(submissions), **more}
    answer: TestResponse = on.as_(who).post(f"{DECISIONS}?lang=en", data=form, headers=PAGE)
    return answer


def states(on: Stage) -> dict[str, str]:
    found = on.as_("officer").get("/scoring/api/v1/results?cycle=2026").get_json()["items"]
    return {one["id"]: one["state"] for one in found}


# the list


def test_a_cycle_s_submissions_stand_with_the_index_of_every_stage_and_their_state(on: Stage) -> None:
    text = see(on, f"{SCORES}?cycle=2026")
    assert names(text) == ["Kemenko Perekonomian", "Kota Tiga", "Lain"]
    for said in ("Waiting for review", "Scored", "Published", "2.95"):
        assert said in text
    assert text.count('name="submission"') == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=waiting", ["Kota Tiga"]),
        ("state=computed", ["Lain"]),
        ("state=published", ["Kemenko Perekonomian"]),
        ("state=approved", []),
        ("state=odd", ["Kemenko Perekonomian", "Kota Tiga", "Lain"]),
        ("group=Kota", ["Kota Tiga"]),
        ("predicate=Baik", ["Kemenko Perekonomian", "Lain"]),
        ("name=TIGA+kota", ["Kota Tiga"]),
        ("sort=index", ["Kemenko Perekonomian", "Lain", "Kota Tiga"]),
        ("sort=change", ["Kemenko Perekonomian", "Kota Tiga", "Lain"]),
    ],
)
def test_the_list_is_searched_and_filtered(on: Stage, query: str, found: list[str]) -> None:
    assert names(see(on, f"{SCORES}?cycle=2026&{query}")) == found


def changed(text: str) -> list[str]:
    """The cells of the list in which the change since the year before stands, row by row."""
    return re.findall(r'data-column="Since the year before">(.*?)</td>', text)


def test_the_list_says_what_changed_since_the_year_before_by_the_same_edition(on: Stage) -> None:
    place = f"{SCORES}?cycle=2026"
    gained = changed(see(on, place))
    assert gained[1:] == [NONE, NONE]
    assert gained[0].startswith("+0.")
    assert changed(see(on, f"{SCORES}?cycle=2025")) == [NONE]
    on.db["scores"].update_one({"_id": "s0.final"}, {"$set": {"basis.edition": "other-1"}})
    assert changed(see(on, place)) == [NONE] * 3


@pytest.mark.parametrize(
    ("indices", "order"),
    [
        (("2.00", "1.00", "3.00"), ["b", "a", "c"]),
        (("2.00", "2.00", "2.00"), ["a", "b", "c"]),
        (("1.00", None, "2.50"), ["a", "c", "b"]),
    ],
)
def test_the_largest_gain_comes_first_and_what_has_no_year_before_last(
    indices: tuple[str | None, ...], order: list[str]
) -> None:
    """By name where it is equal; a loss stands before nothing at all."""
    cycle, before = PublishedCycle("2026", "2026", LATER), PublishedCycle("2025", "2025", LONG_AGO)
    final = {"final": StageIndex("final", "2.00", "2", "Cukup")}
    found = [ScoredCase(name, name, name, "", "e", final) for name in "abc"]
    years = {
        name: [Year(before, Publication(name, name, name, "", "e", index, index, ""))] if index else []
        for name, index in zip("abc", indices, strict=True)
    }
    rows = choose_cases(with_changes(found, years, cycle), CaseFilter(order=BY_CHANGE)).rows
    assert [one.id for one in rows] == order


def test_the_latest_cycle_comes_first_and_one_without_scores_is_not_there(on: Stage) -> None:
    assert '<h1 class="govuk-heading-l">Penilaian 2026</h1>' in see(on, SCORES)
    assert names(see(on, f"{SCORES}?cycle=2025")) == ["Kemenko Perekonomian"]
    see(on, f"{SCORES}?cycle=2031", status=404)


def test_without_any_score_the_list_says_so(stage: OnStage) -> None:
    on = scoring(stage)
    assert "Nothing is scored yet." in see(on, SCORES)
    introduce(on)
    see(on, f"{SCORES}?cycle=2026", status=404)
    final(on, cycle="no-event-of-it")
    assert "no-event-of-it" in see(on, SCORES)


def test_states_are_counted_whichever_of_them_is_wanted() -> None:
    index = StageIndex("final", "3.00", "3", "Baik")
    found = [
        ScoredCase("a", "a", "A", "", "e", {"final": index}, "approved"),
        ScoredCase("b", "b", "B", "Kota", "e", {}),
    ]
    listing = choose_cases(found, CaseFilter(state="approved"))
    assert [one.id for one in listing.rows] == ["a"]
    assert listing.counts == dict.fromkeys(RESULT_STATES, 0) | {"waiting": 1, "approved": 1}
    assert listing.groups == ["Kota"]


def test_the_stages_of_an_edition_come_in_their_order() -> None:
    assert list(stages_of(shipped("spbe-59-2020"))) == [
        code
        for code in ("self", "document", "harmonisation", "interview", "visit", "review")
        if code in stages_of(shipped("spbe-59-2020"))
    ]


# one submission


def test_one_submission_shows_the_values_of_each_stage_and_what_was_decided(on: Stage) -> None:
    assert decide(on, "officer", "approve", "s2", note="Pleno 1").status_code == 303
    text = see(on, f"{SCORES}/s2")
    for said in ("Approved", "Pleno 1", "p-officer", "Final", "2.95", "what=publish&amp;submission=s2"):
        assert said in text
    assert "#z." not in text


def test_what_is_published_shows_its_receipt_and_what_changed(on: Stage) -> None:
    text = see(on, f"{SCORES}/s1")
    assert "/scoring/check#z." in text
    assert "since Penilaian 2025" in text
    assert "Its review goes on" in see(on, f"{SCORES}/s3")
    see(on, f"{SCORES}/s9", status=404)


# deciding


def test_two_officers_approve_and_publish_several_at_once(on: Stage) -> None:
    chosen = "submission=s1&submission=s2&submission=s3"
    ahead = see(on, f"{DECISIONS}?what=approve&{chosen}", "second")
    for said in ("Will be approved", "your decision changes nothing", "1 of those chosen has no final index"):
        assert said in ahead
    answer = decide(on, "second", "approve", "s1", "s2", "s3", note="Pleno")
    assert answer.status_code == 303
    assert "1 of 3 is approved by you" in see(on, answer.headers["Location"], "second")
    assert states(on) == {"s1": "published", "s2": "approved"}
    refused = see(on, f"{DECISIONS}?what=publish&submission=s2", "second")
    assert ("Not possible" in refused, 'name="note"' in refused) == (True, False)
    assert decide(on, "officer", "publish", "s2").status_code == 303
    assert states(on)["s2"] == "published"
    assert [event.result for event in on.published(ResultPublished)] == ["s1", "s0", "s2"]


def test_a_dry_run_says_what_becomes_public_and_changes_nothing(on: Stage) -> None:
    decide(on, "officer", "approve", "s2")
    before = on.state()
    text = see(on, f"{DECISIONS}?what=publish&submission=s2", "second")
    assert "What becomes public" in text
    assert "Will be public" in text
    assert on.state() == before


def test_neither_who_approved_nor_who_belongs_to_the_agency_publishes_by_form(on: Stage) -> None:
    decide(on, "officer", "approve", "s2")
    assert "another officer publishes it" in see(on, f"{DECISIONS}?what=publish&submission=s2")
    clerk = {"role": "clerk", "agency": "other", "since": LONG_AGO, "until": None}
    on.db["people"].update_one({"_id": "p-second"}, {"$push": {"grants": clerk}})
    asked = f"{DECISIONS}?what=publish&submission=s2"
    assert "other officers decide on its result" in see(on, asked, "second")
    before = on.state()
    for who in ("officer", "second"):
        answer = decide(on, who, "publish", "s2")
        assert "0 of 1 are published by you" in see(on, answer.headers["Location"], who)
    assert on.state() == before


def test_publishing_before_an_approval_is_refused_with_its_reason(on: Stage) -> None:
    text = see(on, f"{DECISIONS}?what=publish&submission=s2")
    assert "not approved yet" in text
    assert "Will be public" not in text


def test_a_note_that_is_too_long_changes_nothing_and_stays_typed(on: Stage) -> None:
    before = on.state()
    answer = decide(on, "officer", "approve", "s2", note="x" * 2001)
    assert answer.status_code == 422
    assert "x" * 2001 in answer.text
    assert on.state() == before


@pytest.mark.parametrize("query", ["", "?what=delete", "?what=approve" + "&submission=s" * (MOST + 1)])
def test_what_cannot_be_asked_is_refused(on: Stage, query: str) -> None:
    see(on, f"{DECISIONS}{query}", status=400)


def test_nothing_chosen_says_so(on: Stage) -> None:
    assert "No result is chosen." in see(on, f"{DECISIONS}?what=approve")
    assert decide(on, "officer", "approve").status_code == 303


@pytest.mark.parametrize("id", ["%00", "..%2f..", "a" * 300, "%ff", "$where", "'"])
def test_odd_names_never_break_a_page(on: Stage, id: str) -> None:
    pages = {
        f"{SCORES}/{id}": "officer",
        f"{SCORES}?cycle={id}": "officer",
        f"/scoring/own/{id}": "ekon",
        f"/scoring/agencies/{id}": "ekon",
        f"/scoring/results/{id}": "ekon",
    }
    for path, who in pages.items():
        assert on.as_(who).get(path, headers=PAGE).status_code in (400, 404), path
    assert on.as_("officer").get(f"{DECISIONS}?what=approve&submission={id}").status_code in (200, 400)
    before = on.state()
    assert decide(on, "officer", "approve", id).status_code in (303, 400, 422)
    assert on.state() == before
