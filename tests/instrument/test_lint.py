"""`nilai instrument lint` finds everything that makes an edition's texts unusable, each with its line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.instrument.authoring.cli import instrument
from shared.instrument.authoring.glossary import Glossary, load_glossary
from shared.instrument.authoring.lint import lint
from tests.instrument.builders import CODED, SMALL, WITH_TEXTS, changed, line_of

NONE = Glossary(())
WORDS = """\
terms:
  - {id: [dokumen], en: [document], avoid: {id: [berkas], en: [file]}}
  - {id: [baik], en: [good]}
  - {id: [anggaran], en: [budgets, budget]}
names:
  - {id: [Tim Inti], en: [core team]}
"""


def _found(*changes: tuple[str, str], glossary: Glossary = NONE) -> list[tuple[int | None, str | None, str]]:
    return [
        (problem.line, problem.node, problem.message) for problem in lint(changed(WITH_TEXTS, *changes), glossary)
    ]  # fmt: skip


def _run(*words: str, given: str) -> Result:
    return CliRunner().invoke(instrument, ["lint", *words], input=given)


def test_a_good_edition_has_nothing_wrong_with_or_without_texts() -> None:
    assert lint(SMALL, NONE) == []
    assert lint(changed(WITH_TEXTS), NONE) == []


@pytest.mark.parametrize(
    ("old", "new", "node", "message"),
    [
        ("{code: 1.2.a", "{code: 1.2.b", "1", "the code 1.2.b must be 1.2.a: indicator, level, letter"),
        ("{code: 2.3.a", "{code: 3.3.a", "2", "the code 3.3.a must be 2.3.a: indicator, level, letter"),
        ("id: Ada.", f"id: {'kata ' * 24}ada.", "1", "the condition has 25 words, and may have 24"),
        ("en: It is there.", f"en: {'word ' * 30}.", "1", "the condition has 31 words, and may have 24"),
        ("en: It is there.", "en: It is there", "1", 'the condition must be one sentence that ends with "."'),
        ("en: It is there.", "en: It is. It was.", "1", 'the condition must be one sentence that ends with "."'),
        ("en: What?", "en: What.", "1", 'the question must be one sentence that ends with "?"'),
        ("id: Tanggal.", "id: Tanggal", "1", 'the gap must be one sentence that ends with "."'),
        ("en: A document}", "en: A document of two years}", "1", '"two years" must be a number: max_age_years'),
        ("id: Dokumen, en: A", 'id: "Dokumen 2 (dua) tahun terakhir", en: A', "1", '"2 (dua) tahun" must be a number'),
        ("{code: 1.3.a", "{code: 1.2.a", "1", "the condition 1.2.a stands twice"),
        ("{level: 3, conditions: [{code: 2.3.a", "{level: 2, conditions: [{code: 2.3.a", "2", "level 2 stands twice"),
        ("en: Now.", "en: Now and for 3 years.", "3", '"3 years" must be a number: max_age_years'),
        ("id: Dokumen, en: A", "id: Dokumen (<2 th), en: A", "1", '"2 th" must be a number: max_age_years'),
        ("en: A document}", "en: A document of two financial years}", "1", '"two financial years" must be a number'),
        ("{id: Dijaga., en: It is kept.}", "{id: Baik., en: Kept.}", "1", "the same condition stands at a lower"),
        ("{id: Kita., en: All of us.}", "{id: Kita., en: we.}", "2", "the same condition stands at a lower level"),
        ("{id: Siapa?, en: Who?}", "{id: Siapa?}", "2", "question must have a text in each of id, en"),
        ("{id: Kami., en: We.}", "{id: Kami.}", "2", "text must have a text in each of id, en"),
        ("max_age_years: 2", "max_age_years: two", "1", "max_age_years must be a whole number"),
        ('weight: "70"', 'weight: "71"', "P2", "the weights below add up to 70, not 71"),
    ],
)  # fmt: skip
def test_what_makes_a_text_unusable_is_found_with_its_line(
    old: str, new: str, node: str, message: str
) -> None:
    line = line_of(old, changed(WITH_TEXTS))

    found = _found((old, new))

    assert any(at == line and code == node and message in said for at, code, said in found), found


def test_a_level_without_evidence_of_its_own_is_found_at_the_level() -> None:
    change = ("text: {id: Undangan, en: A call}, level: 3", "text: {id: Undangan, en: A call}, level: 2")
    at_level = line_of("{level: 3, conditions: [{code: 2.3.a", changed(WITH_TEXTS))
    assert _found(change) == [(at_level, "2", "level 3 has no kind of evidence")]


def test_a_scale_with_neither_levels_nor_range_is_found() -> None:
    scale = ('    range: {at_least: "1.00", at_most: "3.00"}\n', "")
    at = line_of("  - key: line", changed())
    assert (at, None, "scale line needs levels or a range") in _found(scale)


def test_a_level_that_cannot_be_read_brings_no_advice_on_its_codes() -> None:
    change = ("{level: 2, cumulative: true", "{level: two, cumulative: true")
    said = "level must be a number written like 3, 1.30 or 20/6"
    assert _found(change) == [(line_of("{level: 2, cumul", changed(WITH_TEXTS)), "1", said)]


def test_levels_stand_in_order_and_the_lowest_rests_on_none() -> None:
    first = "{level: 1, conditions: [{code: 1.1.a"
    turned = (
        (first, "{level: 2, conditions: [{code: 1.2.a"),
        ("{level: 2, cumulative: true", "{level: 1, cumulative: true"),
    )
    at = line_of("{level: 2, cumulative: true", changed(WITH_TEXTS))
    assert [
        (line, said)
        for line, _, said in _found(
            *turned, ("{code: 1.2.a, text: {id: Baik", "{code: 1.1.a, text: {id: Baik")
        )
    ] == [
        (at, "level 1 must stand before level 2"),
        (at, "the lowest level has none below it to rest on"),
    ]


def test_a_kind_of_evidence_stands_once_at_a_level() -> None:
    twice = ("{text: {id: Anggaran, en: Budgets}, level: 3", "{text: {id: Dokumen, en: A document}, level: 2")
    at = line_of("{text: {id: Anggaran", changed(WITH_TEXTS))
    assert _found(twice) == [(at, "1", "the same evidence stands twice at this level")]


def test_a_number_of_years_may_stand_in_a_note() -> None:
    assert _found(("{id: Dibaca begini.", "{id: Dibaca selama 2 tahun.")) == []


def test_what_is_not_certain_holds_to_the_glossary_too() -> None:
    doubt = ("id: Umurnya., en: Its age.", "id: Berkas 2 tahun., en: A document of 2 years.")
    question = (
        "question: {id: Apa?, en: What?}",
        "question: {id: Apa?, en: What?}, uncertain: [{id: Berkas, en: A document}]",
    )
    found = lint(changed(WITH_TEXTS, CODED, doubt, question), load_glossary(WORDS))
    said = [one.message for one in found if "Berkas" in one.message]
    assert said == ['"Berkas" is not used; the glossary says "dokumen"'] * 2
    assert not any("must be a number" in one.message for one in found)


def test_names_of_levels_are_looked_at_too() -> None:
    changes = ("name: {id: Dua, en: Two}", "name: {id: Dua, en: Two}, text: {id: Berkas, en: A document}")
    [problem] = lint(changed(WITH_TEXTS, changes), load_glossary(WORDS))[:1]
    assert problem.message == '"Berkas" is not used; the glossary says "dokumen"'


def test_everything_is_told_at_once_in_the_order_of_the_lines() -> None:
    found = _found(
        ('weight: "70"', 'weight: "71"'), ("{code: 1.2.a", "{code: 1.2.b"), ("en: Now.", "en: Now")
    )  # fmt: skip

    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found if line)
    assert len({message for _, _, message in found}) == 3 + 1  # the sum of the top nodes is wrong as well


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: Dokumen, en: A", "id: Berkas, en: A", '"Berkas" is not used; the glossary says "dokumen"'),
        (
            "id: Dokumen, en: A",
            "id: Berkas, en: A",
            '"dokumen" is missing, as the other language says "document"',
        ),
        (
            "id: Dokumen, en: A",
            "id: Berkasnya, en: A",
            '"Berkasnya" is not used; the glossary says "dokumen"',
        ),
        (
            "id: Dokumen, en: A",
            "id: Berkas-berkas, en: A",
            '"Berkas-berkas" is not used; the glossary says "dokumen"',
        ),
        ("en: A document}", "en: A file}", '"file" is not used; the glossary says "document"'),
        ("en: It is good.", "en: It is fine.", '"good" is missing, as the other language says "Baik"'),
        (
            "en: Budgets}",
            "en: Plans}",
            '"budgets" or "budget" is missing, as the other language says "Anggaran"',
        ),
        (
            "id: Anggaran, en",
            "id: Rencana, en",
            '"anggaran" is missing, as the other language says "Budgets"',
        ),
        ("id: Anggaran, en: Budgets", "id: Rencana, en: A budget", 'as the other language says "budget"'),
        ("en: We.", "en: All of Us.", '"Us" has a capital, but is no name of the glossary'),
        ("{id: Kami., en: We.}", "{id: Oleh tim inti., en: By the core team.}", 'is written "Tim Inti"'),
        ("{id: Kami., en: We.}", "{id: Oleh Tim Inti., en: By the Core Team.}", 'is written "core team"'),
        ("{id: Baik., en: It is good.}", "{id: Itu Baik., en: It is good.}", '"Baik" is written "baik"'),
    ],
)
def test_words_outside_the_glossary_are_found(old: str, new: str, message: str) -> None:
    line = line_of(old, changed(WITH_TEXTS))

    found = _found((old, new), glossary=load_glossary(WORDS))

    assert any(at == line and message in said for at, _, said in found), found


def test_words_of_the_glossary_are_fine_at_the_beginning_of_a_sentence_and_in_other_forms() -> None:
    texts = (
        "{id: Kami., en: We.}",
        '{id: "Tim Inti: ada anggaran, dokumen.", en: Core team has a budget document.}',
    )
    assert _found(texts, glossary=load_glossary(WORDS)) == []


def test_a_word_within_a_longer_one_is_not_taken_for_it() -> None:
    texts = ("{id: Kami., en: We.}", "{id: Perbaikan sub-dokumen., en: Some betterment.}")
    assert _found(texts, glossary=load_glossary(WORDS)) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("terms:", "words:", "terms must be a list"),
        ("id: [dokumen]", "id: dokumen", "line 2: id must be a list of words"),
        ("en: [document], ", "", "line 2: en is missing"),
        ("avoid: {id: [berkas]", "avoid: {nl: [berkas]", "line 2: avoid must give words in id or en"),
        ("en: [good]", "en: [Document]", '"document" stands twice in en'),
        ("en: [file]", "en: [Good]", '"good" is a term in en, and cannot be avoided for another'),
        (
            "{id: [baik], en: [good]}",
            "{id: [baik], en: [good], note: x}",
            "note is not a field that belongs here",
        ),
        ("terms:", "terms: [", "not YAML"),
    ],
)
def test_a_glossary_that_cannot_be_used_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "glossary.yaml").write_text(WORDS.replace(old, new, 1), "utf-8")

    result = _run("-", "--instruments", str(tmp_path), given=SMALL)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: the glossary does not add up:")
    assert message in result.stderr


def test_the_command_says_all_that_is_wrong_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text(WORDS, "utf-8")
    text = changed(WITH_TEXTS, ("id: Dokumen, en: A", "id: Berkas, en: A"), ("{code: 1.2.a", "{code: 1.2.b"))

    result = _run("-", "--glossary", str(tmp_path / "words.yaml"), given=text)

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        f"line {line_of('1.2.b', text)}, node 1: the code 1.2.b must be 1.2.a: indicator, level, letter",
        f'line {line_of("Berkas", text)}, node 1: "Berkas" is not used; the glossary says "dokumen"',
        f'line {line_of("Berkas", text)}, node 1: "dokumen" is missing, as the other language says "document"',
    ]


def test_the_command_says_when_nothing_is_wrong(tmp_path: Path) -> None:
    result = _run("-", "--instruments", str(tmp_path), given=changed(WITH_TEXTS))
    assert (result.exit_code, result.stdout) == (0, "standard input: nothing is wrong\n")


def test_a_text_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    result = _run("-", "--instruments", str(tmp_path), given="a: [1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not YAML" in result.stderr
