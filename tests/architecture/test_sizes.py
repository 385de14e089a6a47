"""Elegance is a short tail: no file and no function grows past what one can read at a look."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
LINES = 300
FUNCTION = 40


def sources() -> Iterator[Path]:
    for folder in ("shared", "services", "deploy"):
        yield from sorted((CHECKOUT / folder).rglob("*.py"))


def long_functions(source: str) -> Iterator[tuple[str, int]]:
    """The functions that are too long, with their lines, decorators not counted."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION:
                yield node.name, lines


def test_no_file_is_too_long() -> None:
    found = {str(path.relative_to(CHECKOUT)): len(path.read_text().splitlines()) for path in sources()}
    assert {path: lines for path, lines in found.items() if lines > LINES} == {}


def test_no_function_is_too_long() -> None:
    found = {
        f"{path.relative_to(CHECKOUT)}: {name}": lines
        for path in sources()
        for name, lines in long_functions(path.read_text())
    }
    assert found == {}


@pytest.mark.parametrize(("lines", "seen"), [(40, []), (41, [("f", 41)])])
def test_a_function_is_measured_with_its_first_and_last_line(lines: int, seen: list[tuple[str, int]]) -> None:
    assert list(long_functions("def f():\n" + "    pass\n" * (lines - 1))) == seen
