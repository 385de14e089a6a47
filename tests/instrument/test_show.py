"""`nilai instrument show` prints an edition and its nodes so that people like to read them."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.instrument import shipped, shipped_ids
from shared.instrument.authoring.cli import instrument
from tests.instrument.builders import CODED, LATER, LEVELLED, WITH_TEXTS, changed


def _show(*words: str, columns: int = 88) -> list[str]:
    result = CliRunner().invoke(instrument, ["show", *words], env={"COLUMNS": str(columns)})
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.splitlines()


@pytest.mark.parametrize(("language", "weight"), [("id", "3,00"), ("en", "3.00")])
def test_an_edition_is_shown_in_both_languages_with_all_its_nodes(language: str, weight: str) -> None:
    edition = shipped("spbe-59-2020")
    lines = _show("spbe-59-2020", "--language", language, columns=110)
    assert f"      43      {weight}  {edition.node('43').name[language]}" in lines
    rows = [re.match(r" +(\w+) +\d+[.,]\d\d  \w", line) for line in lines]
    assert [row[1] for row in rows if row] == [node.code for node in edition.walk()]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("words", [("spbe-59-2020",), ("spbe-59-2020", "D1"), ("pemdi-8-2026",)])
def test_nothing_is_wider_than_the_terminal(words: tuple[str, ...], language: str) -> None:
    assert max(map(len, _show(*words, "--language", language, columns=60))) <= 60


def test_long_names_are_folded_under_themselves() -> None:
    for words in (("spbe-59-2020",), ("spbe-59-2020", "A1")):
        lines = _show(*words, columns=60)
        first = next(place for place, line in enumerate(lines) if line.split()[:1] == ["1"])
        assert [line[:20].strip() for line in lines[first + 1 : first + 3]] == ["", ""]
        name = " ".join(line[20:] for line in lines[first : first + 3])
        assert name == shipped("spbe-59-2020").node("1").name["id"]


def test_what_the_ministry_aims_at_is_shown() -> None:
    assert _show("spbe-59-2020", "--language", "en")[3] == "Target: index 2.6, each indicator 3"


def test_numbers_are_shown_with_the_decimal_sign_of_the_language() -> None:
    for edition in shipped_ids():
        found = {language: "\n".join(_show(edition, "--language", language)[4:]) for language in ("id", "en")}
        commas, points = (re.findall(r"\b\d+[.,]\d+", found[language]) for language in ("id", "en"))
        assert {number.count(",") for number in commas} == {1}
        assert [number.replace(",", ".") for number in commas] == points


def test_the_levels_of_a_scale_are_shown_with_what_they_mean() -> None:
    lines = _show("spbe-59-2020", "--language", "en")
    assert "    Level 3 Defined: Follows the guideline and is applied in all units." in lines


def test_a_node_is_shown_with_its_place_values_and_past() -> None:
    edition = shipped("spbe-59-2020")
    name, domain, aspect = (edition.node(code).name["en"] for code in ("45", "D4", "A8"))
    lines = _show("spbe-59-2020", "45", "--language", "en")
    assert lines[:9] == [
        f"Indicator 45: {name}",
        f"Part of: D4 {domain} > A8 {aspect}",
        "Weight: 3.00",
        "Values: Service capability: 1 Information, 2 Interaction, 3 Transaction,",
        "  4 Collaboration, 5 Optimum",
        "Target: 3",
        "The agency names what is assessed",
        "Before: spbe-5-2018 35-1",
        "",
    ]


def test_a_value_that_another_ministry_gives_is_shown_as_such() -> None:
    lines = _show("pemdi-8-2026", "5")
    assert "Nilai: Tingkat Kematangan: 1,00 - 5,00" in lines
    assert "Nilai berasal dari: Indeks Satu Data Indonesia (SDI) (Bappenas)" in lines
    assert "Rentang indeks: 0 - 100" in lines
    assert "Selama belum ada, dihitung: 1,00" in lines
    assert any(
        line.startswith("Konversi, garis lurus di antaranya: 0 → 1,00; 12,5 → 1,50;") for line in lines
    )
    assert any(line.startswith("Belum pasti: Garis lurus") for line in lines)


def test_a_level_that_another_ministry_gates_is_shown_as_such() -> None:
    lines = _show("pemdi-8-2026", "11", "--language", "en")
    assert "Levels are gated by: IKASANDI, cryptography (BSSN)" in lines
    assert "Lowest index: level 5 from 4" in lines
    assert "The index may be at most 1 year old" in lines


def test_criteria_texts_are_shown_where_an_edition_has_them(tmp_path: Path) -> None:
    text = changed(WITH_TEXTS, ("covers_years: 3", "covers_years: 3, max_age_years: 1"))
    (tmp_path / "small-1.yaml").write_text(text, "utf-8")
    assert _show("small-1", "1", "--language", "en", "--instruments", str(tmp_path)) == [
        "Indicator 1: First",
        "Part of: P1 Part one",
        "Weight: 10",
        "Values: Steps: 1 One, 2 Two, 3 Three",
        "Target: 2",
        "The agency names what is assessed",
        "Before: small-0 7",
        "",
        "What?",
        "",
        "Level 1 One (also given when nothing is there yet)",
        "  1.1.a  It is there.",
        "",
        "Level 2 Two (and all of level 1)",
        "  1.2.a  It is good.",
        "  Evidence:",
        "  - A document (less than 2 years old)",
        "",
        "Level 3 Three (and all of level 2)",
        "  1.3.a  It is kept.",
        "  Note: Read like this.",
        "  Evidence:",
        "  - Budgets (less than 1 year old, for each of the last 3 years)",
        "  - Rules (at most 1 year after the review)",
        "",
        "Evidence for all levels:",
        "- A photograph",
        "",
        "Often missing: The date.",
    ]


def test_what_is_not_certain_is_shown_with_codes_and_where_levels_begin(tmp_path: Path) -> None:
    question = "question: {id: Apa?, en: What?}"
    changes = (LEVELLED, WITH_TEXTS, LATER, CODED, (question, question + ", uncertain: [{id: Ya., en: So.}]"))
    (tmp_path / "small-1.yaml").write_text(changed(*changes), "utf-8")

    edition = _show("small-1", "--language", "en", "--instruments", str(tmp_path))
    lines = _show("small-1", "1", "--language", "en", "--instruments", str(tmp_path))

    assert [line for line in edition if line.startswith("    Level")] == [
        "    Level 1 One (1.00 - < 1.50)",
        "    Level 2 Two (1.50 - < 2.50)",
        "    Level 3 Three (2.50 - 3.00)",
    ]
    assert lines[lines.index("What?") :][:3] == ["What?", "", "Not certain: So."]
    at = lines.index("  - I1-L2-01  A document (less than 2 years old)")
    assert lines[at + 1] == "    Not certain: Its age."


def test_long_texts_are_folded_under_themselves(tmp_path: Path) -> None:
    text = changed(WITH_TEXTS, ("en: It is good.", f"en: It {'would ' * 14}be good."))
    (tmp_path / "small-1.yaml").write_text(text, "utf-8")

    lines = _show("small-1", "1", "--language", "en", "--instruments", str(tmp_path))

    first = next(place for place, line in enumerate(lines) if line.startswith("  1.2.a  "))
    assert lines[first : first + 2] == [f"  1.2.a  It{' would' * 12}", "         would would be good."]
    assert max(map(len, lines)) <= 88


def test_an_upper_node_is_shown_with_what_is_below_it() -> None:
    edition = shipped("spbe-59-2020")
    names = {code: edition.node(code).name["en"] for code in ("A4", "D2", "19", "20")}
    assert _show("spbe-59-2020", "A4", "--language", "en") == [
        f"Aspect A4: {names['A4']}",
        f"Part of: D2 {names['D2']}",
        "Weight: 5.00",
        f"  19          2.50  {names['19']}",
        f"  20          2.50  {names['20']}",
    ]
