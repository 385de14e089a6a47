"""What the whole suite must cover: `python -m tests.architecture.coverage_gate`, after the tests of `make test`.

Every branch of the rules, of the commands, and of the wings that promise that nothing is lost; 95 % of all.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from coverage import Coverage

WHOLE = (
    *(
        f"services/{name}/{part}"
        for name in ("intake", "review", "scoring", "notify")
        for part in ("domain", "commands")
    ),
    *(f"shared/{wing}" for wing in ("storage", "messaging", "jobs", "signing")),
)
OVERALL = 95.0


def judge(report: Mapping[str, Any]) -> list[str]:
    """One sentence for each rule that coverage.py's JSON report breaks."""
    files: Mapping[str, Any] = report["files"]
    return [
        *(sentence for area in WHOLE for sentence in _of_area(area, files)),
        *_of_all(report["totals"]["percent_covered"]),
    ]


def _of_area(area: str, files: Mapping[str, Any]) -> list[str]:
    """A module `area.py` or the package `area`, every file of it covered whole."""
    inside = {name: files[name] for name in files if name == f"{area}.py" or fnmatch(name, f"{area}/*.py")}
    if not inside:
        return [f"{area} was not measured: has it moved? tests/architecture/coverage_gate.py names it."]
    return [
        f"{name} must be covered whole; no test reaches {', '.join(missing)}."
        for name, found in sorted(inside.items())
        if (missing := _missing(found))
    ]


def _missing(found: Mapping[str, Any]) -> list[str]:
    lines = [f"line {line}" for line in found["missing_lines"]]
    unseen = [(start, end) for start, end in found["missing_branches"] if start not in found["missing_lines"]]
    return [*lines, *(f"the way from line {start} to {_place(end)}" for start, end in unseen)]


def _place(line: int) -> str:
    return f"line {line}" if line > 0 else "the end"


def _of_all(percent: float) -> list[str]:
    if percent >= OVERALL:
        return []
    return [
        f"Together {percent:.2f} % is covered, {OVERALL:g} % must be; `coverage report` lists what is not."
    ]


def main() -> int:
    """Judge what the last whole run of the suite has measured; 1 when a rule is broken."""
    measured = Coverage()
    measured.load()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        measured.json_report(outfile=str(file))
        report = json.loads(file.read_text())
    wrong = judge(report)
    said = ["Coverage:", *wrong] if wrong else [_praise(report["totals"]["percent_covered"])]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


def _praise(percent: float) -> str:
    return f"Coverage: {percent:.1f} % of everything; domain, commands and the wings that must be whole are."


if __name__ == "__main__":
    sys.exit(main())
