"""`nilai score` and `nilai instrument`, as a person at a terminal meets them."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from shared.instrument.authoring.cli import instrument, score
from tests.instrument.builders import CASES, SMALL, changed, line_of

KEMENKO = CASES["kemenko-perekonomian-2021"]
nilai = click.Group(commands={"score": score, "instrument": instrument})


def _run(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(nilai, words, input=given, env={"COLUMNS": "88"})


def _score(values: Mapping[str, object], edition: str = "spbe-59-2020") -> Result:
    return _run("score", "-", given=json.dumps({"edition": edition, "values": values}))


def _refused(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    return result.stderr.removeprefix("Error: ").rstrip()


def test_a_file_is_scored_and_every_node_printed(tmp_path: Path) -> None:
    file = tmp_path / "kemenko.json"
    file.write_text(json.dumps({"edition": "spbe-59-2020", "values": KEMENKO["values"]}), "utf-8")

    result = _run("score", str(file))

    assert (result.exit_code, result.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(result.stdout)
    assert list(answer) == ["edition", "index", "exact", "predicate", "nodes"]
    assert (answer["index"], answer["exact"], answer["predicate"]) == ("2.95", "1179/400", "Baik")
    assert {code: answer["nodes"][code] for code in KEMENKO["published"]["nodes"]} == KEMENKO["published"][
        "nodes"
    ]
    assert answer["nodes"]["13"] == "5.00"
    assert len(answer["nodes"]) == 4 + 8 + 47


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_an_editor_of_windows_saved_is_read(encoding: str) -> None:
    content = json.dumps({"edition": "spbe-59-2020", "values": KEMENKO["values"]}).encode(encoding)
    assert _run("score", "-", given=content).stdout == _score(KEMENKO["values"]).stdout


def test_numbers_and_strings_are_read_alike() -> None:
    as_text = {code: str(value) for code, value in KEMENKO["values"].items()}
    assert _score(as_text).stdout == _score(KEMENKO["values"]).stdout


def test_a_fraction_is_a_value_where_decimals_are() -> None:
    values = {str(code): "1.00" for code in range(1, 21)} | {"13": "7/6", "14": 1.5}
    answer = json.loads(_score(values, "pemdi-8-2026").stdout)
    assert (answer["nodes"]["13"], answer["nodes"]["A5"]) == ("1.17", "1.33")
    assert answer["exact"] == "31/30"


def test_no_float_comes_between_the_file_and_the_sum() -> None:
    values = ", ".join(f'"{code}": 1.10000000000000000001' for code in range(1, 21))
    result = _run("score", "-", given=f'{{"edition": "pemdi-8-2026", "values": {{{values}}}}}')
    assert json.loads(result.stdout)["exact"] == "110000000000000000001/100000000000000000000"


@pytest.mark.parametrize(
    "raw", [6, 0, 2.5, "3.1", True, None, "x", "", [3], {"a": 3}, float("nan"), float("inf")]
)
def test_a_value_that_is_not_allowed_is_refused_by_name(raw: object) -> None:
    said = _refused(_score({**KEMENKO["values"], "7": raw}))
    assert said.startswith("the values cannot be scored:\n  indicator 7: ")
    assert said.endswith(" it takes 1, 2, 3, 4 or 5")


def _of_level(value: str, but_one: str) -> dict[str, str]:
    return {str(code): but_one if code == 1 else value for code in range(1, 21)}


@pytest.mark.parametrize(
    ("values", "index", "predicate", "note"),
    [
        (_of_level("2.5", "2.4"), "2.50", "Cukup", "is less than 2.50; as displayed it would be Baik."),
        (_of_level("2.5", "2.5"), "2.50", "Baik", None),
        (_of_level("2.4", "2.4"), "2.40", "Cukup", None),
    ],
)
def test_a_predicate_that_the_displayed_index_would_not_earn_is_explained(
    values: dict[str, str], index: str, predicate: str, note: str | None
) -> None:
    answer = json.loads(_score(values, "pemdi-8-2026").stdout)
    assert (answer["index"], answer["predicate"]) == (index, predicate)
    assert answer.get("note") == (note and f"Bands look at the exact index, which {note}")


def test_missing_and_unknown_indicators_are_all_named() -> None:
    values = dict.fromkeys(map(str, range(3, 49)), 1)
    assert _refused(_score(values)).splitlines() == [
        "the values cannot be scored:",
        "  '48' is no indicator of spbe-59-2020",
        "  indicator 1 is missing",
        "  indicator 2 is missing",
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "standard input is not JSON: line 1: "),
        ("{\n'a': 1}", "standard input is not JSON: line 2: "),
        (b"{\n\xff\xfe", "standard input cannot be read: line 2: it is not UTF-8 text"),
        ("[" * 100_000, "standard input is nested too deeply"),
        (" " * 1_000_001, "standard input is longer than 1,000,000 bytes"),
        ("[]", 'the file must hold an object like {"edition": "spbe-59-2020"'),
        ("{}", '"edition" must be the id of an edition, like "spbe-59-2020"'),
        ('{"edition": true, "values": {}}', '"edition" must be the id of an edition'),
        ('{"edition": "spbe-59-2020"}', '"values" must be an object'),
        ('{"edition": "spbe-59-2020", "values": [3]}', '"values" must be an object'),
        ('{"edition": "spbe-60-2020", "values": {}}', "There is no edition 'spbe-60-2020'; the folder "),
        ('{"edition": "../x", "values": {}}', "There is no edition '../x'; the folder "),
        ('{"edition": "\\ud800", "values": {}}', "There is no edition '\\ud800'; the folder "),
        ('{"edition": "a", "values": {"1": 1, "1": 2}}', "the file gives more than once: '1'"),
    ],
)
def test_a_file_that_is_no_assessment_is_refused_plainly(given: str | bytes, message: str) -> None:
    assert _refused(_run("score", "-", given=given)).startswith(message)


def test_a_key_that_stands_twice_among_many_is_found_at_once() -> None:
    keys = ", ".join(f'"{number}": 1' for number in [*range(60_000), 7])
    begun = perf_counter()

    said = _refused(_run("score", "-", given=f'{{"edition": "a", "values": {{{keys}}}}}'))

    assert said == "the file gives more than once: '7'"
    assert perf_counter() - begun < 5  # looking each key up in the list of all took half a minute


@pytest.mark.parametrize("number", ["1e999", "-1", "1" * 5000, "NaN", "-Infinity", "1e-999"])
def test_a_number_beyond_reason_is_refused(number: str) -> None:
    said = _refused(_run("score", "-", given=f'{{"edition": "spbe-59-2020", "values": {{"1": {number}}}}}'))
    assert "\n  indicator 1: " in said


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    assert _refused(_run("score", str(tmp_path / "none.json"))).endswith(
        "cannot be read: No such file or directory"
    )
    assert _refused(_run("score", str(tmp_path))).endswith("cannot be read: Is a directory")


def test_an_edition_or_glossary_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes-1.yaml").write_bytes(b"id: bytes-1\ntitle: \xff\n")
    (tmp_path / "folder-1.yaml").mkdir()
    (tmp_path / "glossary.yaml").mkdir()

    def refusal(*words: str) -> str:
        return _refused(_run("instrument", *words, "--instruments", str(tmp_path), given=SMALL))

    assert refusal("show", "bytes-1").endswith("bytes-1.yaml cannot be read: line 2: it is not UTF-8 text")
    assert refusal("show", "folder-1").endswith("folder-1.yaml cannot be read: Is a directory")
    assert refusal("lint", "-").endswith("glossary.yaml cannot be read: Is a directory")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("score - <&-", "standard input cannot be read: it is closed"),
        ("instrument show spbe-59-2020 > /dev/full", "the output cannot be written: No space left on device"),
        ("instrument list > /dev/full", "the output cannot be written: No space left on device"),
        ("events list > /dev/full", "the output cannot be written: No space left on device"),
        ("keys --help > /dev/full", "the output cannot be written: No space left on device"),
        ("prepare --help > /dev/full", "the output cannot be written: No space left on device"),
    ],
)
@pytest.mark.parametrize("buffered", [True, False])
def test_a_closed_input_and_a_full_output_are_refused(words: str, message: str, buffered: bool) -> None:
    command = ["bash", "-c", f"{sys.executable} -m deploy.cli {words}"]
    environment = {} if buffered else {"PYTHONUNBUFFERED": "1"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (2, f"Error: {message}\n")


def test_another_folder_of_editions_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "small-1.yaml").write_text(SMALL, "utf-8")
    given = '{"edition": "small-1", "values": {"1": 1, "2": 2, "3": "5/2", "4-1": 3}}'

    result = _run("score", "-", "--instruments", str(tmp_path), given=given)

    assert json.loads(result.stdout)["exact"] == "901/400"


def test_editions_are_listed() -> None:
    assert _run("instrument", "list").stdout.splitlines() == [
        "pemdi-8-2026      20 indicators  PermenPANRB 8/2026",
        "spbe-5-2018       37 indicators  PermenPANRB 5/2018",
        "spbe-59-2020      47 indicators  PermenPANRB 59/2020",
    ]


def test_a_file_that_is_no_edition_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    for name, text in {"apart-1": "id: [", "broken-1": SMALL, "small-1": SMALL}.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")

    result = _run("instrument", "list", "--instruments", str(tmp_path))

    assert (result.exit_code, result.stdout) == (2, "small-1            4 indicators  Regulation 1\n")
    assert [line for line in result.stderr.splitlines() if ".yaml: " in line] == [
        "Error: apart-1.yaml: the edition does not add up:",
        "broken-1.yaml: the edition does not add up:",
    ]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = _run("instrument", "list", "--instruments", str(tmp_path / "none"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"there is no folder {tmp_path / 'none'}\n")


def test_an_unknown_edition_or_node_is_refused() -> None:
    assert _refused(_run("instrument", "show", "spbe-1")).startswith("There is no edition 'spbe-1'")
    assert _refused(_run("instrument", "show", "spbe-59-2020", "48")).endswith("no node with the code '48'.")


def test_a_good_edition_is_said_to_add_up_with_its_hash(tmp_path: Path) -> None:
    result = _run("instrument", "check", "-", given=SMALL)
    assert result.stdout.startswith("small-1 adds up: 4 indicators, SHA-256 ")


def test_a_bad_edition_is_told_all_that_is_wrong_line_by_line() -> None:
    text = changed(("weight: 10}", "weight: 11}"), ('codes: {"1"', 'codes: {"9"'))
    assert _refused(_run("instrument", "check", "-", given=text)).splitlines() == [
        "the edition does not add up:",
        "  line 38, node 9: crosswalk: this edition has no indicator 9",
        "  line 42, node P1: the weights below add up to 31, not 30",
    ]


def test_a_crosswalk_is_held_against_the_edition_before_when_that_is_at_hand(tmp_path: Path) -> None:
    before = changed(("id: small-1", "id: small-0"))
    (tmp_path / "small-0.yaml").write_text(before, "utf-8")

    checked, linted = (
        _run("instrument", command, "-", "--instruments", str(tmp_path), given=SMALL)
        for command in ("check", "lint")
    )

    said = f"line {line_of('codes: {')}, node 1: crosswalk: small-0 has no indicator 7"
    assert _refused(checked) == f"the edition does not add up:\n  {said}"
    assert (linted.exit_code, linted.stdout) == (1, f"{said}\n")
