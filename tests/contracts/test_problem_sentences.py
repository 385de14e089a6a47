"""What people read of a problem in their language: a sentence for each code, and nothing else."""

import re
from collections.abc import Callable

import pytest

from services.intake.app import service
from services.intake.domain.inspection import DOUBTFUL
from shared.service import Service
from shared.web.sentences import explain, sentences
from tests.contracts.test_problem_codes import ROW, TABLE
from tests.intake.rounds import Round, people
from tests.support.stage import Stage

PAGE = {"Accept": "text/html"}


def test_every_problem_and_every_finding_has_its_sentence() -> None:
    codes = {code for code, _, _ in ROW.findall(TABLE.read_text())}
    assert set(sentences("id")) == codes | set(DOUBTFUL)


@pytest.fixture
def round(stage: Callable[[Service], Stage]) -> Round:
    on = stage(service)
    people(on)
    return Round(on)


def test_each_reader_gets_its_language_and_programs_english(round: Round) -> None:
    ask = round.as_("clerk-a").get
    path = "/intake/self-assessments/2026.kota-zz"
    indonesian = ask(path, headers=PAGE | {"Accept-Language": "id"}).text
    assert "Yang Anda cari tidak ada, atau bukan untuk Anda." in indonesian
    english = ask(path, headers=PAGE | {"Accept-Language": "en"}).text
    assert "Yang Anda cari" not in english
    program = ask("/intake/api/v1/participations/2026.kota-zz", headers={"Accept-Language": "id"}).text
    assert "Yang Anda cari" not in program


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"missing": ["1", "4-1"]}, "Belum semua indikator bernilai (kurang: 1, 4-1)."),
        ({"missing": []}, "Belum semua indikator bernilai."),
        ({}, "Belum semua indikator bernilai."),
    ],
)
def test_a_sentence_says_what_is_known_of_the_problem(
    round: Round, extra: dict[str, object], said: str
) -> None:
    with round.stage.app.test_request_context(headers={"Accept-Language": "id"}):
        assert explain("answers-missing", "Not all …", extra) == said
    with round.stage.app.test_request_context(headers={"Accept-Language": "en"}):
        assert explain("answers-missing", "Not all …", extra) == "Not all …"


def test_no_sentence_keeps_a_bracket_that_was_not_filled(round: Round) -> None:
    with round.stage.app.test_request_context(headers={"Accept-Language": "id"}):
        said = [explain(code, "") for code in sentences("id")]
    assert [text for text in said if re.search(r"[{}]|\(\)", text)] == []
