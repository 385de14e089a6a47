"""Questions to the agency: asked when a stage ends, asked anew or taken back in the next, answered or not in time."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import permutations
from typing import Any

import pytest

from services.review.pages.queue import PLACE
from shared.core.ids import utcnow
from shared.events.files import EvidenceFile, FileFinding
from shared.events.intake import ClarificationAnswered
from shared.events.review import ClarificationAsked, ClarificationWithdrawn
from tests.review.builders import FILE, GONE, OTHER, Review

ALL = {"1": 2, "2": "3", "3": 2.75}
QUESTIONS = {"1": "Di mana keputusannya?", "3": "Sejak kapan?"}
SENT = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture
def asked(review: Review) -> str:
    """The task of the interview, which goes by two questions; ani asked them, budi holds it."""
    review.open(visit=True)
    review.appoint("ani")
    review.appoint("budi")
    review.finish("ani", ALL, QUESTIONS)
    return review.open_task()


def answer(task: str, indicator: str = "1", **changes: Any) -> ClarificationAnswered:
    """The event that the agency answered with two files, of which one had been missing."""
    said: dict[str, Any] = {
        "clarification": f"{task}.{indicator}",
        "case": "s-kota-a",
        "submission": "s-kota-a",
        "participation": "2026.kota-a",
        "cycle": "2026",
        "agency": "kota-a",
        "indicator": indicator,
        "version": 1,
        "answered_at": SENT,
        "words_sha256": sha256(b"words").hexdigest(),
        "files": (
            EvidenceFile(
                sha256=OTHER,
                name="keputusan.pdf",
                size=10,
                type="pdf",
                pages=4,
                findings=(FileFinding(code="links", detail="Links."),),
            ),
            EvidenceFile(sha256=GONE, name="b.pdf", size=1, type="pdf", pages=1),
        ),
        "words": "Terlampir.",
    }
    return ClarificationAnswered(**said | changes)


def hear(review: Review, event: ClarificationAnswered, **changes: Any) -> str:
    return review.stage.consume(f"clarification:{event.clarification}", event, **changes)


def shown(review: Review, who: str = "budi") -> dict[str, dict[str, Any]]:
    """The questions of the case by indicator, for whoever holds a task of it."""
    case = review.get(who, "/cases/s-kota-a")
    assert case.status_code == 200, case.json
    return {one["indicator"]: one for one in case.json["clarifications"]}


def revise(
    review: Review, task: str, fence: int, question: str, indicator: str = "1", who: str = "budi"
) -> Any:
    return review.put(who, f"/tasks/{task}/questions/{indicator}", {"fence": fence, "question": question})


def test_the_end_of_a_stage_asks_the_agency_what_it_marked_and_names_no_assessor(
    review: Review, asked: str
) -> None:
    told = review.stage.published(ClarificationAsked)
    assert [(one.indicator, one.question, one.stage, one.version) for one in told] == [
        ("1", QUESTIONS["1"], "interview", 1),
        ("3", QUESTIONS["3"], "interview", 1),
    ]
    assert {(one.clarification, one.participation, one.agency) for one in told} == {
        (f"{asked}.1", "2026.kota-a", "kota-a"),
        (f"{asked}.3", "2026.kota-a", "kota-a"),
    }
    assert {one.until - one.asked_at for one in told} == {timedelta(days=7)}
    assert "ani" not in repr(told)
    assert review.stage.audited(f"clarification:{asked}.1") == ["clarification.asked"]


def test_the_agency_has_as_many_days_as_its_cycle_gives_also_when_it_is_asked_anew(review: Review) -> None:
    review.open(visit=True, clarification_days=3)
    review.appoint("ani")
    first = review.open_task()
    review.claim("ani", first)
    page = review.stage.as_("ani").get(f"{PLACE}/{first}/indicators/1?lang=en").text
    assert "may be answered for 3 days" in page
    review.finish("ani", ALL, QUESTIONS, claimed=first)
    task = review.open_task()
    fence = review.claim("ani", task)
    assert revise(review, task, fence, "Pasal berapa?", who="ani").status_code == 200
    told = review.stage.published(ClarificationAsked)
    assert [(one.version, one.until - one.asked_at) for one in told] == [
        (version, timedelta(days=3)) for version in (1, 1, 2)
    ]


def test_nothing_is_asked_where_nothing_was_marked(review: Review) -> None:
    review.open()
    review.appoint("ani")
    review.finish("ani", ALL)
    assert review.stage.published(ClarificationAsked) == []


def test_marks_alone_ask_nothing_before_the_task_is_finished(review: Review) -> None:
    review.open()
    review.appoint("ani")
    task = review.open_task()
    fence = review.claim("ani", task)
    review.put("ani", f"/tasks/{task}/clarifications/1", {"fence": fence, "question": "Di mana?"})
    assert review.stage.published(ClarificationAsked) == []


def test_an_answer_stands_beside_its_question_and_its_files_are_opened_like_evidence(
    review: Review, asked: str
) -> None:
    fence = review.claim("budi", asked)
    assert review.get("budi", f"/cases/s-kota-a/evidence/{OTHER}").status_code == 404
    assert hear(review, answer(asked)) == "done"
    one = shown(review)["1"]
    assert (one["state"], one["answer"]["words"], one["question"]) == (
        "answered",
        "Terlampir.",
        QUESTIONS["1"],
    )
    assert [file["name"] for file in one["answer"]["files"]] == ["keputusan.pdf", "b.pdf"]
    assert shown(review)["3"]["state"] == "open"
    for sha256_ in (OTHER, GONE, FILE):
        assert review.get("budi", f"/cases/s-kota-a/evidence/{sha256_}").status_code == 200
        assert review.stage.as_("budi").get(f"{PLACE}/{asked}/files/{sha256_}").status_code == 302
    pinned = review.rate("budi", asked, fence, "1", 3, pins=[{"sha256": OTHER, "page": 4}])
    assert pinned.status_code == 200, pinned.json
    beyond = review.rate("budi", asked, fence, "1", 3, pins=[{"sha256": OTHER, "page": 5}])
    assert (beyond.status_code, beyond.json["code"]) == (422, "bad-pin")
    assert [file["sha256"] for file in review.get("budi", "/cases/s-kota-a").json["files"]] == [FILE, GONE]


def test_the_page_of_the_bench_shows_question_answer_and_files(review: Review, asked: str) -> None:
    review.claim("budi", asked)
    page = f"{PLACE}/{asked}/indicators/1"
    before = review.stage.as_("budi").get(page).text
    assert QUESTIONS["1"] in before
    assert "Terlampir." not in before
    hear(review, answer(asked))
    after = review.stage.as_("budi").get(page).text
    assert "Terlampir." in after
    assert f"file={OTHER}" in after
    assert "Terlampir." not in review.stage.as_("budi").get(f"{PLACE}/{asked}/indicators/3").text


def test_an_answer_that_comes_twice_or_before_its_question_counts_once(review: Review, asked: str) -> None:
    hear(review, answer(asked))
    assert hear(review, answer(asked, words="Lain.")) == "superseded"
    assert hear(review, answer("unknown")) == "waiting"
    review.claim("budi", asked)
    assert shown(review)["1"]["answer"]["words"] == "Terlampir."


def test_nobody_answers_in_time_and_the_work_goes_on(review: Review, asked: str) -> None:
    fence = review.claim("budi", asked)
    past = utcnow() - timedelta(seconds=2)
    review.stage.db["clarifications"].update_many({}, {"$set": {"until": past}})
    assert {one["state"] for one in shown(review).values()} == {"unanswered"}
    assert "Tidak dijawab" in review.stage.as_("budi").get(f"{PLACE}/{asked}/indicators/1").text
    for code in QUESTIONS:
        assert review.rate("budi", asked, fence, code, 2).status_code == 200
    done = review.post("budi", f"/tasks/{asked}/finish", {"fence": fence})
    assert done.status_code == 200, done.json


def test_a_question_is_asked_anew_and_taken_back(review: Review, asked: str) -> None:
    fence = review.claim("budi", asked)
    again = revise(review, asked, fence, "Pasal berapa?")
    assert (again.status_code, again.json["version"], again.json["state"]) == (200, 2, "open")
    assert review.stage.published(ClarificationAsked)[-1].question == "Pasal berapa?"
    assert revise(review, asked, fence, "").json["state"] == "withdrawn"
    assert revise(review, asked, fence, " ").json["state"] == "withdrawn"
    (gone,) = review.stage.published(ClarificationWithdrawn)
    assert (gone.clarification, gone.agency) == (f"{asked}.1", "kota-a")
    back = revise(review, asked, fence, "Pasal berapa?")
    assert (back.json["version"], back.json["state"], back.json["withdrawn_at"]) == (3, "open", None)
    assert revise(review, asked, fence, "Apa?", "2").status_code == 404
    assert revise(review, asked, fence, "Apa?", who="ani").status_code == 404
    hear(review, answer(asked, version=1))
    refused = revise(review, asked, fence, "Masih?")
    assert (refused.status_code, refused.json["code"]) == (409, "question-answered")
    assert "Terlampir." in review.stage.as_("budi").get(f"{PLACE}/{asked}/indicators/1").text


def test_an_answer_that_crossed_with_a_withdrawal_is_kept(review: Review, asked: str) -> None:
    fence = review.claim("budi", asked)
    revise(review, asked, fence, "")
    assert hear(review, answer(asked)) == "done"
    assert shown(review)["1"]["state"] == "answered"


@pytest.mark.parametrize("question", ["Pasal berapa?", ""])
def test_the_bench_asks_anew_and_takes_back_by_a_form(review: Review, asked: str, question: str) -> None:
    fence = review.claim("budi", asked)
    sent = review.stage.as_("budi").post(
        f"{PLACE}/{asked}/indicators/1/question", data={"fence": fence, "question": question}
    )
    assert (sent.status_code, sent.location) == (303, f"{PLACE}/{asked}/indicators/1")
    assert shown(review)["1"]["state"] == ("open" if question else "withdrawn")


def test_a_form_that_asks_what_is_answered_leads_to_the_answer(review: Review, asked: str) -> None:
    fence = review.claim("budi", asked)
    hear(review, answer(asked))
    place = f"{PLACE}/{asked}/indicators/1/question"
    sent = review.stage.as_("budi").post(place, data={"fence": fence, "question": "Masih?"})
    assert (sent.status_code, sent.location) == (303, f"{PLACE}/{asked}/indicators/1")
    assert shown(review)["1"]["question"] == QUESTIONS["1"]
    assert review.stage.as_("budi").post(place, data={"fence": fence}).status_code == 400
    lost = review.stage.as_("budi").post(place, data={"fence": fence + 1, "question": "Masih?"})
    assert lost.status_code == 409


def test_the_end_of_the_task_lists_what_nobody_answered(review: Review, asked: str) -> None:
    review.claim("budi", asked)
    hear(review, answer(asked))
    page = review.stage.as_("budi").get(f"{PLACE}/{asked}/end").text
    assert 'id="unanswered"' in page
    assert QUESTIONS["3"] in page
    assert QUESTIONS["1"] not in page


def test_the_answers_of_the_interview_stand_at_the_visit_too(review: Review, asked: str) -> None:
    hear(review, answer(asked))
    values = dict.fromkeys(QUESTIONS, 2)
    review.finish("budi", values, {"1": "Boleh kami lihat?"}, claimed=asked)
    visit = review.open_task()
    review.claim("ani", visit)
    page = review.stage.as_("ani").get(f"{PLACE}/{visit}/indicators/1").text
    assert "Terlampir." in page
    assert "Boleh kami lihat?" in page
    assert review.get("ani", f"/cases/s-kota-a/evidence/{OTHER}").status_code == 200


def test_the_queue_says_what_was_answered_until_it_is_rated_by(review: Review, asked: str) -> None:
    review.open("kota-b")

    def said(who: str = "budi") -> list[tuple[str, str]]:
        page = review.stage.as_(who).get(f"{PLACE}?lang=en").text
        return re.findall(rf'href="{PLACE}/([^"]+)">(\d questions? answered)<', page)

    fence = review.claim("budi", asked)
    assert review.rate("budi", asked, fence, "1", 2).status_code == 200
    assert said() == []
    hear(review, answer(asked, "3"))
    assert said() == [(f"{asked}/indicators/3", "1 question answered")]
    hear(review, answer(asked))
    assert said() == [(f"{asked}/indicators/1", "2 questions answered")]
    assert said("ani") == []
    assert review.rate("budi", asked, fence, "1", 3).status_code == 200
    assert said() == [(f"{asked}/indicators/3", "1 question answered")]
    assert review.rate("budi", asked, fence, "3", 3).status_code == 200
    assert said() == []
    review.stage.db["clarifications"].update_many({}, {"$set": {"answer.noted_at": None}})
    assert said() == []


def test_whatever_order_answers_come_in_they_are_kept_once(review: Review, asked: str) -> None:
    review.claim("budi", asked)
    events = [answer(asked), answer(asked, "3", words="Sejak Mei.", files=()), answer(asked)]
    for order in permutations(events):
        review.stage.db["clarifications"].update_many({}, {"$set": {"answer": None}})
        for event in order:
            hear(review, event)
        found = {code: one["answer"]["words"] for code, one in shown(review).items()}
        assert found == {"1": "Terlampir.", "3": "Sejak Mei."}
