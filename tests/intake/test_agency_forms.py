"""The forms of an agency's pages, as no script sends them: what is odd is said, what is right is saved."""

import re
from typing import Any

import pytest

from tests.instrument.builders import WITH_TEXTS, changed
from tests.intake.forms import HOME, PAGE, Forms
from tests.intake.rounds import A, Round


@pytest.fixture
def forms(open_round: Round) -> Forms:
    open_round.answer_all(A)
    return Forms(open_round, "clerk-a")


def stored(round: Round, indicator: str = "1") -> dict[str, Any]:
    return dict(round.stage.db["answers"].find_one({"participation": A, "indicator": indicator}) or {})


@pytest.mark.parametrize("page", ["/indicators/99", "/indicators/99/versions"])
def test_an_indicator_that_the_edition_has_not_is_no_page(forms: Forms, page: str) -> None:
    answer = forms.get(page)
    assert (answer.status_code, "99" in answer.text) == (404, True)


@pytest.mark.parametrize("value", ["abc", "1/0", "0x3", "3\0", "1e999999999", "9" * 5000, "", "7"])
def test_a_value_that_is_none_is_said_and_changes_nothing(
    forms: Forms, open_round: Round, value: str
) -> None:
    before = stored(open_round)
    answer = forms.post("/indicators/1", rev="1", value=value)
    assert answer.status_code == 422
    assert "Belum tersimpan" in answer.text
    assert stored(open_round) == before


@pytest.mark.parametrize("text", ["A\0B", "x" * 300_000])
def test_texts_are_read_as_the_api_reads_them(forms: Forms, open_round: Round, text: str) -> None:
    before = stored(open_round)
    assert forms.post("/indicators/1", rev="1", facts=text).status_code == 422
    assert stored(open_round) == before


@pytest.mark.parametrize("next", ["2\r\nX: y", "//elsewhere", "../../..", "x" * 200])
def test_where_to_go_on_is_an_indicator_or_this_one(forms: Forms, open_round: Round, next: str) -> None:
    answer = forms.post("/indicators/1", rev="1", facts="Baru", next=next)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{HOME}/indicators/1")
    assert stored(open_round)["facts"] == "Baru"


@pytest.mark.parametrize("rev", ["", "x", "-1", "9" * 40, "٣"])
def test_a_version_that_is_none_is_one_that_nobody_saw(forms: Forms, open_round: Round, rev: str) -> None:
    assert forms.post("/indicators/1", rev=rev, facts="Baru").status_code == 422
    assert stored(open_round)["facts"] != "Baru"


@pytest.mark.parametrize("manifest", ["[" * 5000, "null", "7", "{", '{"answers": 7}', ""])
def test_a_manifest_that_is_none_seals_nothing(open_round: Round, manifest: str) -> None:
    open_round.answer_all(A)
    answer = Forms(open_round, "coordinator-a").post("/seal", manifest=manifest, number="1", key="k")
    assert answer.status_code == 422
    assert open_round.stage.db["submissions"].count_documents({}) == 0


def test_another_persons_form_counts_for_nothing(forms: Forms, open_round: Round) -> None:
    other = Forms(open_round, "officer-a")
    answer = forms.client.post(
        f"{HOME}/indicators/1", data={"csrf_token": other.csrf, "rev": "1", "facts": "Baru"}, headers=PAGE
    )
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (307, "/intake/session")
    assert stored(open_round)["facts"] != "Baru"


def test_a_forms_token_looks_otherwise_on_every_page_and_counts_all_the_same(
    forms: Forms, open_round: Round
) -> None:
    pages = [forms.get("/indicators/1").text for _ in range(2)]
    tokens = [re.findall(r'name="csrf_token" value="([^"]+)"', page) for page in pages]
    first, second = (set(found) for found in tokens)
    assert len(first) == len(second) == 1
    assert first != second
    assert not [page for page in pages if forms.csrf in page]
    answer = forms.post("/indicators/1", csrf_token=first.pop(), rev="1", facts="Baru")
    assert answer.status_code == 303
    assert stored(open_round)["facts"] == "Baru"


def test_a_number_is_shown_and_read_with_the_readers_mark(play: Round) -> None:
    text = changed(WITH_TEXTS)
    assert "range" in text
    play.open()
    play.answer_all(A)
    forms = Forms(play, "clerk-a")
    on_line = next(
        code
        for code in ("1", "2", "3", "4-1")
        if 'inputmode="decimal"' in forms.get(f"/indicators/{code}").text
    )
    rev = stored(play, on_line)["rev"]
    for typed, kept in (("2,5", "2.5"), ("2.75", "2.75"), ("7/6", "7/6")):
        answer = forms.post(f"/indicators/{on_line}", rev=str(rev), value=typed)
        assert answer.status_code == 303, answer.text
        rev += 1
        assert stored(play, on_line)["value"] == kept
        assert forms.get(f"/indicators/{on_line}").status_code == 200
    assert 'value="2,5"' not in forms.get(f"/indicators/{on_line}").text
