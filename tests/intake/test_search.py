"""Searching: everything that one may see is found, nothing else, and a query is words, never a pattern."""

import re
from typing import Any

import pytest

from services.intake.domain.search import LONGEST_EXCERPT, MOST_HITS, MOST_WORDS, Sought
from shared.instrument import in_language
from tests.intake.files import digest
from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import FILE, SECOND, A, B, Round, answer, exhibit, good, problem
from tests.intake.tus import ROOT


def found(play: Round, who: str, q: str) -> dict[str, Any]:
    """Of each kind that was found, the titles with the places."""
    groups = good(play.as_(who).get(f"{ROOT}/search", query_string={"q": q}))["found"]
    return {
        group["kind"]: [
            ("".join(one["text"] for one in hit["title"]), hit["indicator"] or hit["id"])
            for hit in group["hits"]
        ]
        for group in groups
    }


@pytest.fixture
def told(open_round: Round) -> Round:
    """Both agencies have said something of the same words."""
    for letter, name, id in (("a", "alfa", A), ("b", "beta", B)):
        words = answer(1, facts=f"Perwali Jaringan {name}", evidence=[exhibit(name=f"perwali-{name}.pdf")])
        open_round.put(f"clerk-{letter}", f"/self-assessments/{id}/answers/2", words, 0)
        body = {"indicator": "3", "text": f"Cek perwali {name}"}
        open_round.as_(f"clerk-{letter}").post(
            f"{ROOT}/self-assessments/{id}/comments", json=body, headers={"Idempotency-Key": "k"}
        )
    return open_round


@pytest.mark.parametrize(("letter", "own", "other"), [("a", "alfa", "beta"), ("b", "beta", "alfa")])
def test_an_agencys_people_find_what_is_theirs_and_nothing_of_another(
    told: Round, letter: str, own: str, other: str
) -> None:
    assert found(told, f"member-{letter}", "PERWALI") == {
        "answer": [("2. Kedua", "2")],
        "file": [(f"perwali-{own}.pdf", "2")],
        "comment": [("3. Ketiga", "3")],
    }
    for words in (other, f"perwali-{other}.pdf", "kota"):
        assert found(told, f"member-{letter}", words) == {}


def test_a_file_that_no_answer_names_is_found_in_its_own_agency_alone(told: Round) -> None:
    told.upload(SECOND, "Laporan-Tahunan.pdf")
    told.upload(FILE, "peraturan.pdf")
    sha = digest(SECOND)
    assert found(told, "member-a", "laporan tahunan") == {"file": [("Laporan-Tahunan.pdf", sha)]}
    assert found(told, "member-a", "peraturan.pdf") == {}
    assert found(told, "member-b", "laporan tahunan") == found(told, "minister", "laporan tahunan") == {}
    page = search(told, "member-a", "laporan").text
    assert f'href="/intake/api/v1/evidence/{A}/{sha}"' in page
    assert "Tidak ada jawaban yang menyebut berkas ini." in page


def test_what_belongs_to_a_cycle_says_which(told: Round) -> None:
    def cycles(who: str, words: str) -> set[str | None]:
        groups = good(told.as_(who).get(f"{ROOT}/search", query_string={"q": words}))["found"]
        return {hit["cycle"] for group in groups for hit in group["hits"]}

    assert cycles("clerk-a", "perwali") == {"Putaran 2026"}
    assert cycles("minister", "kota-a") == {None}
    assert search(told, "clerk-a", "perwali").text.count('<span class="n-aside">Putaran 2026</span>') == 3


def test_every_word_has_to_be_there_in_any_order(told: Round) -> None:
    assert list(found(told, "clerk-a", "jaringan perwali")) == ["answer"]
    assert found(told, "clerk-a", "jaringan tidakada") == {}


def test_indicators_are_found_by_code_name_and_question_in_the_readers_language(told: Round) -> None:
    assert found(told, "clerk-a", "pertama") == {"indicator": [("1. Pertama", "1")]}
    assert found(told, "clerk-a", "4-1") == {"indicator": [("4-1. Keempat", "4-1")]}
    assert found(told, "clerk-a", "kapan?") == {"indicator": [("3. Ketiga", "3")]}
    english = told.as_("clerk-a").get(f"{ROOT}/search?q=when", headers={"Accept-Language": "en"})
    assert good(english)["found"][0]["hits"][0]["title"] == [{"text": "3. Third", "hit": False}]


def test_the_ministry_finds_agencies_and_people_and_no_answers(told: Round) -> None:
    assert found(told, "minister", "kota-a") == {
        "agency": [("kota-a", "kota-a")],
    }
    assert found(told, "minister", "CLERK-b") == {"person": [("clerk-b", "p-clerk-b")]}
    assert found(told, "minister", "perwali") == {}


@pytest.mark.parametrize(
    "q", ["k.*", "^kota", "(k+)+a", "kota-[ab]", "\\Skota", "$where", '{"$gt":""}', "kota|x", "k%a"]
)
def test_a_query_is_no_pattern(told: Round, q: str) -> None:
    assert found(told, "minister", q) == {}
    assert found(told, "clerk-a", q) == {}


@pytest.mark.parametrize("q", [None, "", " ", "x" * 101, "a\nb", "a\0"])
def test_a_query_that_cannot_be_is_refused(told: Round, q: str | None) -> None:
    answered = told.as_("clerk-a").get(f"{ROOT}/search", query_string={} if q is None else {"q": q})
    assert problem(answered)[0] in (400, 422)


def test_no_more_of_a_kind_is_shown_than_one_looks_at(told: Round) -> None:
    people = [{"_id": f"p-{at}", "issuer": "x", "subject": f"kembar-{at}"} for at in range(MOST_HITS + 1)]
    told.stage.db["people"].insert_many(people)
    (group,) = good(told.as_("minister").get(f"{ROOT}/search?q=kembar"))["found"]
    assert (len(group["hits"]), group["more"]) == (MOST_HITS, True)


# how words are found


def test_hits_are_marked_where_they_stand() -> None:
    def marked(words: str, text: str) -> list[tuple[str, bool]]:
        return [(piece.text, piece.hit) for piece in Sought.of(words).marked(text)]

    assert marked("an bana", "Banana") == [("Banan", True), ("a", False)]
    assert marked("stanbul", "İSTANBUL") == [("İ", False), ("STANBUL", True)]
    assert marked("x", "") == []
    assert len(Sought.of(" ".join(map(str, range(50)))).words) == MOST_WORDS
    assert not Sought.of(" ").are_in("anything")


def test_a_text_is_read_in_the_language_that_there_is() -> None:
    assert in_language({"id": "Siapa?", "en": "Who?"}, "en") == "Who?"
    assert in_language({"id": "Siapa?"}, "en") == "Siapa?"
    assert in_language({"jv": "Sapa?"}, "en") == "Sapa?"
    assert in_language(None, "en") == ""


def test_an_excerpt_is_short_and_shows_the_first_hit() -> None:
    text = "kata " * 500 + "JARUM" + " kata" * 500
    pieces = Sought.of("jarum").excerpt(text)
    assert [piece.text for piece in pieces if piece.hit] == ["JARUM"]
    whole = "".join(piece.text for piece in pieces)
    assert len(whole) <= LONGEST_EXCERPT + 2
    assert (whole[0], whole[-1]) == ("…", "…")


# the page


def search(play: Round, who: str, q: str | None, **headers: str) -> Any:
    query = {} if q is None else {"q": q}
    return Forms(play, who).client.get("/intake/search", query_string=query, headers=PAGE | headers)


def without_token(page: str) -> str:
    """A page without its form's token, which is written in other letters each time."""
    return re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", page)


def test_a_page_shows_hits_by_kind_with_marks_and_links(told: Round) -> None:
    page = search(told, "clerk-a", "perwali")
    assert page.status_code == 200
    assert f'href="/intake/self-assessments/{A}/indicators/3#comments"' in page.text
    assert "<mark>Perwali</mark> Jaringan alfa" in page.text
    assert "beta" not in page.text
    assert "Tidak ada yang ditemukan" in search(told, "clerk-a", "tidakada").text
    assert "Tulis di atas" in search(told, "clerk-a", None).text
    assert 'href="/intake/people?who=clerk-a#known"' in search(told, "minister", "clerk-a").text


def test_an_officer_goes_on_from_what_was_found_and_from_the_ministrys_own_pages(told: Round) -> None:
    page = search(told, "minister", "kota-a").text
    assert 'href="/intake/agencies/kota-a"' in page
    assert 'href="/intake/cycles"' in page
    assert 'href="/intake/cycles"' not in search(told, "clerk-a", "perwali").text


def test_what_is_typed_is_shown_as_text(told: Round) -> None:
    page = search(told, "clerk-a", '"><script>x</script>').text
    assert "<script>x" not in page
    assert search(told, "clerk-a", "x" * 101).status_code == 422


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_that_leads_here_makes_nothing_of_it(told: Round, site: str) -> None:
    empty = without_token(search(told, "clerk-a", None).text)
    led = search(told, "clerk-a", "perwali", **{"Sec-Fetch-Site": site})
    assert without_token(led.text) == empty
    assert "Perwali" in search(told, "clerk-a", "perwali", **{"Sec-Fetch-Site": "none"}).text
