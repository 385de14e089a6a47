"""Elegance is a short tail: no file and no function grows past what one can read at a look."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import measures
from tests.architecture.measures import CHECKOUT, Function

LINES = 300
MORE_LINES = {"deploy/verify_receipt.py": 345}
"""One file on purpose: it is handed out alone, to people who trust nobody."""
TEMPLATE_LINES = 200
DOMAIN_SHARE = 0.45
MOST: dict[str, tuple[Callable[[Function], int], int]] = {
    "lines": (measures.lines, 40),
    "arguments": (measures.arguments, 5),
    "branches": (measures.branches, 10),
    "nesting": (measures.nesting, 3),
}


def only(source: str) -> Function:
    (function,) = measures.functions(source)
    return function


def too_long(pattern: str, most: int) -> dict[str, int]:
    paths = (path for folder in measures.FOLDERS for path in sorted((CHECKOUT / folder).rglob(pattern)))
    found = {str(path.relative_to(CHECKOUT)): len(path.read_text().splitlines()) for path in paths}
    return {path: lines for path, lines in found.items() if lines > MORE_LINES.get(path, most)}


def test_no_file_is_too_long() -> None:
    assert too_long("*.py", LINES) == {}


def test_no_template_is_too_long() -> None:
    assert too_long("*.html", TEMPLATE_LINES) == {}


@pytest.mark.parametrize("what", MOST)
def test_no_function_has_too_much(what: str) -> None:
    measure, most = MOST[what]
    found = {
        f"{path.relative_to(CHECKOUT)}: {function.name}": measure(function)
        for path in measures.sources()
        for function in measures.functions(path.read_text())
    }
    assert {name: count for name, count in found.items() if count > most} == {}


def test_the_rules_stand_in_the_domain() -> None:
    assert measures.share_in_domain() >= DOMAIN_SHARE


def test_the_share_is_that_of_the_branches(tmp_path: Path) -> None:
    domain = tmp_path / "services" / "intake" / "domain"
    domain.mkdir(parents=True)
    (domain / "rules.py").write_text("x = 1 if y else 2\n")
    (domain.parent / "store.py").write_text("if a and b:\n    pass\nz = [c for c in d if e]\n")
    assert measures.branches_by_service(tmp_path) == {"intake": (1, 5)}
    assert measures.share_in_domain(tmp_path) == 0.2


@pytest.mark.parametrize("lines", [40, 41])
def test_lines_are_counted_with_the_first_and_the_last(lines: int) -> None:
    assert measures.lines(only("@a\ndef f():\n" + "    pass\n" * (lines - 1))) == lines


@pytest.mark.parametrize(
    ("head", "count"),
    [("()", 0), ("(self, tx, reader, a, /, b=1)", 2), ("(cls, *a, b, **c)", 3), ("(a, *, b, c, d, e, f)", 6)],
)
def test_arguments_are_counted_however_they_are_given(head: str, count: int) -> None:
    assert measures.arguments(only(f"def f{head}: ...")) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("pass", 0),
        ("x = a or b or c", 2),
        ("if a:\n  pass\n elif b:\n  pass\n else:\n  pass", 2),
        ("for a in b:\n  while c:\n   pass", 2),
        ("x = [a for a in b if c if d]", 3),
        ("match a:\n  case 1: pass\n  case _: pass", 2),
        ("try:\n  pass\n except A:\n  pass\n except B:\n  pass", 2),
    ],
)
def test_every_decision_is_a_branch(body: str, count: int) -> None:
    assert measures.branches(ast.parse(f"def f():\n {body}")) == count


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        ("pass", 0),
        ("if a:\n  pass\n elif b:\n  pass\n elif c:\n  pass", 1),
        ("if a:\n  pass\n else:\n  for b in c:\n   pass", 2),
        ("with a:\n  for b in c:\n   if d:\n    try:\n     pass\n    finally:\n     pass", 4),
    ],
)
def test_a_block_in_a_block_is_deeper(body: str, depth: int) -> None:
    assert measures.nesting(only(f"def f():\n {body}")) == depth
