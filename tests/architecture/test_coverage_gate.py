"""The gate sees what is not covered, and says where."""

import tomllib
from typing import Any

import pytest

from tests.architecture.coverage_gate import WHOLE, judge
from tests.architecture.measures import CHECKOUT, sources

COVERED: dict[str, Any] = {"missing_lines": [], "missing_branches": []}


def report(percent: float = 96.0, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """A report in which everything is covered but what is handed in, by file."""
    files = {f"{area}/rules.py": COVERED for area in WHOLE} | (changes or {})
    return {"files": files, "totals": {"percent_covered": percent}}


def test_what_is_covered_passes() -> None:
    other = {"missing_lines": [3], "missing_branches": []}
    assert judge(report(95.0, {"services/intake/api.py": other})) == []


def test_a_line_and_a_branch_that_no_test_reaches_are_named() -> None:
    found = {"missing_lines": [7], "missing_branches": [[7, 9], [12, 14], [15, -1]]}
    assert judge(report(changes={"services/review/domain/rating.py": found})) == [
        "services/review/domain/rating.py must be covered whole; no test reaches line 7, "
        "the way from line 12 to line 14, the way from line 15 to the end."
    ]


def test_a_module_and_a_package_deep_inside_are_measured_too() -> None:
    found = {"missing_lines": [1], "missing_branches": []}
    names = ["services/scoring/commands.py", "services/notify/domain/streams/order.py"]
    assert [sentence.split()[0] for sentence in judge(report(changes=dict.fromkeys(names, found)))] == [
        names[0],
        names[1],
    ]


def test_a_folder_that_moved_away_is_missed() -> None:
    files = {name: found for name, found in report()["files"].items() if "jobs" not in name}
    (sentence,) = judge({"files": files, "totals": {"percent_covered": 99.0}})
    assert sentence.startswith("shared/jobs was not measured: has it moved?")


def test_too_little_of_all_is_said() -> None:
    assert judge(report(94.996)) == [
        "Together 95.00 % is covered, 95 % must be; `coverage report` lists what is not."
    ]


@pytest.mark.parametrize("area", WHOLE)
def test_every_area_exists(area: str) -> None:
    assert (CHECKOUT / area).is_dir() or (CHECKOUT / f"{area}.py").is_file()


def test_what_is_left_out_has_a_reason() -> None:
    text = (CHECKOUT / "pyproject.toml").read_text()
    settings = tomllib.loads(text)["tool"]["coverage"]
    listed = [*settings["run"]["omit"], *settings["report"]["exclude_also"]]
    lines = {line.partition("#")[0].strip().strip(',"'): line for line in text.splitlines()}
    assert [one for one in listed if "# " not in lines[one.replace("\\", "\\\\")]] == []
    bare = [
        f"{path}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.rstrip().endswith("pragma: no cover")
    ]
    assert bare == []
