"""Cases at the ministry's pages: found, and read stage by stage."""

import pytest

from tests.review.builders import Review, cycle, edition
from tests.review.ministry import ASSESSORS, CASES, Pages, officer_of


@pytest.fixture
def officer(review: Review) -> Pages:
    return officer_of(review)


def open_cycle(review: Review, id: str = "2026", year: int = 2026) -> None:
    review.stage.consume("edition:small-1", edition())
    review.stage.consume(f"cycle:{id}", cycle(id, year))


def test_there_is_no_case_before_a_cycle_nor_before_something_is_handed_in(
    officer: Pages, review: Review
) -> None:
    assert "There is no cycle yet." in officer.text(CASES)
    open_cycle(review)
    assert "A case opens here when an agency of this cycle has handed in" in officer.text(CASES)


def test_cases_are_found_by_cycle_state_stage_and_agency(officer: Pages, review: Review) -> None:
    open_cycle(review)
    open_cycle(review, "2025", 2025)
    for id, activity in (("kota-a", "evaluation"), ("kota-b", "monitoring"), ("kota-c", "evaluation")):
        review.open(id, activity)
    review.appoint("ani")
    review.appoint("budi")
    review.finish("ani", {"1": 1, "2": 2, "3": 3}, claimed=review.open_task("kota-b"))
    review.finish("ani", {"1": 1, "2": 2, "3": 3}, {"1": "Mana?"}, claimed=review.open_task("kota-a"))
    review.claim("budi", review.open_task("kota-a"))

    def names(query: str) -> list[str]:
        text = officer.text(f"{CASES}?{query}")
        return [name for name in ("Kota-A", "Kota-B", "Kota-C") if f"<strong>{name}</strong>" in text]

    assert names("") == names("cycle=2026") == names("cycle=odd") == ["Kota-A", "Kota-B", "Kota-C"]
    assert names("cycle=2025") == []
    assert [names(f"state={state}") for state in ("open", "finalised", "odd")] == [
        ["Kota-A", "Kota-C"],
        ["Kota-B"],
        ["Kota-A", "Kota-B", "Kota-C"],
    ]
    assert [names(f"stage={stage}") for stage in ("document", "interview", "visit")] == [
        ["Kota-C"],
        ["Kota-A"],
        [],
    ]
    assert names("q=KOTA+-b") == ["Kota-B"]
    assert "No case is found." in officer.text(f"{CASES}?q=.*")
    text = officer.text(CASES)
    for said in (f'href="{ASSESSORS}/budi"', "0 of 1", "nobody", "3 to rate", "<strong>3</strong>Cases"):
        assert said in text
    assert "<strong>1</strong>Interview" in text
    assert "Visit" in text


def test_many_cases_come_page_by_page(officer: Pages, review: Review) -> None:
    open_cycle(review)
    for number in range(51):
        review.open(f"kab-{number:02}")
    text = officer.text(f"{CASES}?stage=document")
    assert (text.count("/review/cases/s-kab"), "after=s-kab-49" in text) == (50, True)
    assert officer.text(f"{CASES}?after=s-kab-49").count("/review/cases/s-kab") == 1


def test_a_case_shows_its_stages_and_their_values_beside_each_other(officer: Pages, review: Review) -> None:
    case = review.open()
    review.appoint("ani")
    review.appoint("budi")
    task = review.open_task()
    fence = review.claim("budi", task)
    review.rate("budi", task, fence, "1", 3, facts="Kata-kata Budi.")
    assert "0 of 3" not in officer.text(f"{CASES}/{case}")
    assert "1 of 3 rated" in officer.text(f"{CASES}/{case}")
    review.post("budi", f"/tasks/{task}/release", {"fence": fence})
    text = officer.text(f"{CASES}/{case}")
    for said in ("nobody holds it", "to come"):
        assert said in text
    review.finish("ani", {"1": 2, "2": 2, "3": "2.75"}, {"2": "Di mana keputusannya?"})
    text = officer.text(f"{CASES}/{case}")
    for said in ("the agency itself", ">Ani</a>", "claimed ", "held before by Budi", "Part one"):
        assert said in text
    assert "Di mana keputusannya?" in text
    assert text.count("differs from the stage before") == 2
    assert "passed over" in text, "nobody asked for a visit"
    for place in (
        f"/intake/participations/2026.{case[2:]}",
        f"/intake/agencies/{case[2:]}",
        f"/scoring/scores/{case}",
    ):
        assert place in text
    review.finish("budi", {"2": 3})
    assert officer.text(f"{CASES}/{case}").count('n-chip--good">finished') == 3
    assert officer.get(f"{CASES}/nothing").status_code == 404


def test_what_a_holder_has_not_finished_is_not_read_by_the_ministry(officer: Pages, review: Review) -> None:
    case = review.open()
    review.appoint("ani")
    task = review.open_task()
    fence = review.claim("ani", task)
    review.rate("ani", task, fence, "1", 3, facts="Belum selesai.")
    marks = {"fence": fence, "indicators": [{"indicator": "2", "question": "Belum ditanyakan."}]}
    assert review.put("ani", f"/tasks/{task}/clarifications", marks).status_code == 200
    for place in (f"{CASES}/{case}", f"{CASES}/{case}/indicators/1", f"{CASES}/{case}/indicators/2"):
        text = officer.text(place)
        assert "Belum" not in text


def test_an_indicator_of_a_case_tells_what_each_stage_rated_and_why(officer: Pages, review: Review) -> None:
    case = review.open()
    review.appoint("ani")
    review.finish("ani", {"1": 2, "2": 2, "3": "2.75"}, {"2": "Di mana keputusannya?"})
    review.finish("ani", {"2": 3})
    text = officer.text(f"{CASES}/{case}/indicators/2")
    for said in (
        "Fakta.",
        "Analisis.",
        "Indikator1-SK.pdf",
        "Decree 7, page 3.",
        "Ani, ",
        "Indikator1-SK.pdf, page 3",
    ):
        assert said in text
    assert "Di mana keputusannya?" in text
    assert "Back to 1" in text
    assert "Next: 3" in text
    assert "Taken over from the stage before." in officer.text(f"{CASES}/{case}/indicators/3")
    for indicator in ("P1", "9"):
        assert officer.get(f"{CASES}/{case}/indicators/{indicator}").status_code == 404


def test_words_that_are_too_long_are_left_out(officer: Pages, review: Review) -> None:
    case = review.open()
    review.stage.db["materials"].update_one({"_id": case}, {"$set": {"words_included": False}})
    assert "too long to be kept here" in officer.text(f"{CASES}/{case}/indicators/1")


def test_an_officer_with_a_conflict_of_interest_reads_nothing_of_a_case(
    officer: Pages, review: Review
) -> None:
    case = review.open()
    review.stage.person("second", "ministry")
    sent = {"issuer": review.stage.settings.oidc_issuer, "subject": "officer", "name": "O"}
    body = {**sent, "since": "2020-01-01T00:00:00Z", "employer_agency": "kota-a"}
    assert review.put("second", "/assessors/off", body).status_code == 201
    for place in (f"{CASES}/{case}", f"{CASES}/{case}/indicators/1"):
        assert officer.get(place).status_code == 404
        assert Pages(review, "second").get(place).status_code == 200


def test_only_the_ministry_opens_cases_here(officer: Pages, review: Review) -> None:
    case = review.open()
    review.appoint("ani")
    review.claim("ani", review.open_task())
    for place in (CASES, f"{CASES}/{case}", f"{CASES}/{case}/indicators/1"):
        assert Pages(review, "ani").get(place).status_code == 403
