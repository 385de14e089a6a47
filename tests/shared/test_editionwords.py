"""What is wrong with an edition, in the language of its reader: a sentence for each code, with the same names."""

import ast
from pathlib import Path
from string import Formatter

import pytest

from shared.instrument import EditionInvalid, load
from shared.instrument import sentences as sentences_module
from shared.instrument.sentences import SENTENCES
from shared.web.editionwords import sentences
from tests.instrument.builders import changed

MADE_BY = {"cause": 0, "unreadable": 0, "lacks": 1}
"""What makes a cause of its code, and the place of that among the arguments."""


def made() -> set[str]:
    """The codes of which the sources make a cause, as far as they stand there in letters."""
    calls = (
        node
        for path in sorted(Path(sentences_module.__file__).parent.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    )
    given = ((ast.unparse(call.func).rpartition(".")[2], call.args) for call in calls)
    codes = [args[MADE_BY[name]] for name, args in given if name in MADE_BY]
    return {str(code.value) for code in codes if isinstance(code, ast.Constant)}


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_cause_has_its_indonesian_and_no_other_has() -> None:
    assert set(sentences("id")) == set(SENTENCES)
    assert sentences("en") is SENTENCES


def test_nothing_is_wrong_for_a_cause_that_has_no_sentence() -> None:
    assert len(made()) > 40
    assert made() <= set(SENTENCES)


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_names_what_the_english_one_names(code: str) -> None:
    # What a library says of YAML is English, and is left out.
    assert names(sentences("id")[code]) == names(SENTENCES[code]) - (
        {"said"} if code == "not-yaml" else set()
    )


def test_a_band_is_called_as_its_reader_calls_it() -> None:
    with pytest.raises(EditionInvalid) as refusal:
        load(changed(('below: "2.5"', 'below: "2.4"')))
    (problem,) = refusal.value.problems
    assert problem.message == "there is a gap between Middle and High, 2.4 to 2.5"
    said = problem.said(sentences("id")[problem.cause.code], "id")
    assert said == "ada celah antara Sedang dan Tinggi, dari 2.4 sampai 2.5"


def test_what_is_wrong_with_a_field_stands_behind_its_name() -> None:
    with pytest.raises(EditionInvalid) as refusal:
        load(changed(("weight: 10}", "weight: ten}")))
    (problem,) = refusal.value.problems
    said = problem.said(sentences("id")[problem.cause.code], "id")
    assert said == "weight harus berupa angka yang ditulis seperti 3, 1.30, atau 20/6"
    assert problem.told["code"] == "not-a-number"
