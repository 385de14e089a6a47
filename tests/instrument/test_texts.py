"""What the editions with texts say of each level is complete, the same everywhere, and holds to the glossary."""

import json
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Final

import pytest
import yaml

from shared.instrument import Edition, Node, shipped, shipped_ids, to_dict
from shared.instrument.authoring.glossary import Glossary, glossary_beside
from shared.instrument.authoring.lint import lint
from shared.instrument.model import LANGUAGES, Evidence, LocalizedText
from shared.instrument.shipped import FOLDER
from shared.instrument.source import LONGEST

ID: Final = "spbe-59-2020"
PEMDI: Final = "pemdi-8-2026"
WITH_TEXTS: Final = (ID, PEMDI)
FACTS: Final[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("facts.yaml").read_text("utf-8"))
POLICIES: Final = {str(number) for number in range(1, 11)}
AUDITS: Final = {"29", "30", "31"}
LEVELS: Final = ["1", "2", "3", "4", "5"]


@pytest.fixture(scope="module")
def edition() -> Edition:
    return shipped(ID)


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return glossary_beside(FOLDER)


def _texts(node: Node) -> Iterator[LocalizedText]:
    yield node.question or {}
    for criteria in node.criteria:
        yield from (condition.text for condition in criteria.conditions)
    for kind in node.evidence:
        yield kind.text
        if kind.uncertain:
            yield kind.uncertain
    yield from node.uncertain
    yield from node.often_missing


def _levels_with(node: Node, ending: str) -> list[str]:
    return [
        str(criteria.level)
        for criteria in node.criteria
        for condition in criteria.conditions
        if condition.text["id"].endswith(ending)
    ]


def _windows(edition: Edition, word: str) -> set[tuple[str, int | None, int | None, int | None]]:
    return {
        (str(kind.level), kind.max_age_years, kind.covers_years, kind.years_after_review)
        for node in edition.indicators
        for kind in node.evidence
        if word in kind.text["id"]
    }


@pytest.mark.parametrize("id", WITH_TEXTS)
def test_every_indicator_says_in_both_languages_what_each_level_asks_for(id: str) -> None:
    for node in shipped(id).indicators:
        assert [str(criteria.level) for criteria in node.criteria] == LEVELS, node.code
        assert all(criteria.conditions for criteria in node.criteria), node.code
        assert len(node.often_missing) in range(1, 4), node.code
        for text in _texts(node):
            assert set(text) == set(LANGUAGES), node.code
            assert all(text.values()), node.code


@pytest.mark.parametrize("id", WITH_TEXTS)
def test_codes_of_conditions_are_those_that_were_given_once(id: str) -> None:
    assert [
        condition.code
        for node in shipped(id).indicators
        for criteria in node.criteria
        for condition in criteria.conditions
    ] == [
        f"{node}.{level}.{letter}"
        for node, counts in FACTS[id]["conditions"].items()
        for level, count in zip(LEVELS, counts, strict=True)
        for letter in ascii_lowercase[:count]
    ]


def test_coded_evidence_has_the_codes_by_which_verdicts_name_it() -> None:
    counts = FACTS[PEMDI]["evidence"]
    assert [kind.code for node in shipped(PEMDI).indicators for kind in node.evidence if kind.code] == [
        f"I{node}-L{level}-{number:02}"
        for node, levels in counts.items()
        for level, count in zip(LEVELS, levels, strict=True)
        for number in range(1, count + 1)
    ]
    assert sum(map(sum, counts.values())) == 232


def test_where_its_copies_leave_something_open_the_edition_says_so() -> None:
    indicators = shipped(PEMDI).indicators
    assert [node.code for node in indicators if not node.uncertain] == []
    assert sum(kind.uncertain is not None for node in indicators for kind in node.evidence) == 51


def test_levels_rest_on_the_one_below_where_the_regulation_says_so(edition: Edition) -> None:
    alone = {
        (node.code, str(criteria.level))
        for node in edition.indicators
        for criteria in node.criteria
        if not criteria.cumulative and criteria.level > 1
    }
    assert alone == {(str(number), "2") for number in (*range(1, 13), 22)} | {("3", "3")}


def test_a_note_says_how_the_level_that_does_not_rest_on_the_one_below_is_read(edition: Edition) -> None:
    noted = {str(criteria.level): criteria.note for criteria in edition.node("3").criteria if criteria.note}
    assert set(noted) == {"3", "4"}
    assert "tingkat 2" in noted["3"]["id"]
    assert "level 2" in noted["3"]["en"]


def test_windows_of_validity_are_numbers(edition: Edition) -> None:
    assert _windows(edition, "laporan reviu") == {("4", 2, None, None), ("5", 2, None, None)}
    assert _windows(edition, "Laporan audit") == {("4", 2, None, None)}
    assert _windows(edition, "Laporan Audit") == {("2", 2, None, None)}
    assert _windows(edition, "Rencana kerja dan anggaran") == {("4", None, 3, None)}
    assert _windows(edition, "Kebijakan baru") == {("5", None, None, 1)}


def test_a_review_is_asked_for_once_and_with_a_report_that_is_young_enough(edition: Edition) -> None:
    for node in edition.indicators:
        levels = _levels_with(node, "reviu terakhir masih berlaku.")
        last = "5" if node.code == "3" or int(node.code) >= 32 else "4"
        assert levels == ([] if node.code in AUDITS else [last]), node.code
        for level in levels:
            reports = [kind for kind in node.evidence if _is_report(kind, level)]
            assert [kind.max_age_years for kind in reports] == [2], node.code


def _is_report(kind: Evidence, level: str) -> bool:
    return str(kind.level) == level and "laporan reviu" in kind.text["id"]


@pytest.mark.parametrize(
    ("ending", "excepted"),
    [
        ("Hasil reviu memuat masalah yang ditemukan dan rekomendasi perbaikannya.", AUDITS),
        ("Perbaikan itu sesuai dengan rekomendasi reviu.", AUDITS | POLICIES),
    ],
)
def test_the_same_situation_is_said_in_the_same_words(
    edition: Edition, ending: str, excepted: set[str]
) -> None:
    without = {node.code for node in edition.indicators if not _levels_with(node, ending)}
    assert without == excepted


def test_a_sentence_has_one_translation_everywhere(edition: Edition) -> None:
    seen: dict[str, str] = {}
    for node in edition.indicators:
        for text in _texts(node):
            assert seen.setdefault(text["id"], text["en"]) == text["en"], node.code


def test_the_three_sectors_ask_for_the_same(edition: Edition) -> None:
    def without_number(code: str) -> list[str]:
        sector = str(int(code) - 44)
        return [
            text["id"].replace(f"sektor {sector}", "sektor") for text in _texts(edition.node(code))
        ]  # fmt: skip

    assert without_number("45") == without_number("46") == without_number("47")


@pytest.mark.parametrize("id", shipped_ids())
def test_nothing_is_wrong_with_the_texts_that_ship(id: str, glossary: Glossary) -> None:
    assert [str(problem) for problem in lint((FOLDER / f"{id}.yaml").read_text("utf-8"), glossary)] == []


@pytest.mark.parametrize("id", WITH_TEXTS)
def test_no_text_uses_a_term_outside_the_glossary(id: str, glossary: Glossary) -> None:
    assert glossary.terms
    assert {
        (node.code, misuse)
        for node in shipped(id).indicators
        for text in _texts(node)
        for misuse in glossary.misuses(text)
    } == set()


def test_every_term_of_the_glossary_is_used(glossary: Glossary) -> None:
    editions = [shipped(id) for id in WITH_TEXTS]
    nodes = [node for edition in editions for node in edition.indicators]
    texts = [text for node in nodes for text in _texts(node)]
    texts += [criteria.note for node in nodes for criteria in node.criteria if criteria.note]
    scales = [scale for edition in editions for scale in edition.scales]
    texts += [level.text for scale in scales for level in scale.levels if level.text]
    said = {language: " ".join(text[language] for text in texts).lower() for language in LANGUAGES}
    assert [
        (language, term.forms[language][0])
        for term in glossary.terms
        for language in LANGUAGES
        if not any(form.lower() in said[language] for form in term.forms[language])
    ] == []


@pytest.mark.parametrize("id", WITH_TEXTS)
def test_an_edition_with_all_its_texts_can_be_sent_and_told(id: str) -> None:
    assert len((FOLDER / f"{id}.yaml").read_text("utf-8")) < LONGEST / 2
    assert len(json.dumps(to_dict(shipped(id)), ensure_ascii=False).encode()) < LONGEST / 2
