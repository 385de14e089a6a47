"""Problem codes: one per cause, with one status, and each explained in shared/web/problems.md."""

import ast
import importlib
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from shared.auth import tokens
from shared.core import errors
from shared.core.errors import AppError, Unauthenticated

CHECKOUT = Path(__file__).parents[2]
TABLE = CHECKOUT / "shared/web/problems.md"
ROW = re.compile(r"\| `([a-z0-9-]+)` \| (\d{3}) \| (.+\.) \|")
REFUSAL = "Refusal"
"""The value of evidence that becomes an Invalid of its code."""

Use = tuple[str, int]


def sources() -> Iterator[Path]:
    for folder in ("shared", "services"):
        yield from sorted((CHECKOUT / folder).rglob("*.py"))


def kinds() -> dict[str, type[AppError]]:
    """Every class of problem by its name."""
    for path in sources():
        if "AppError" in path.read_text() or "shared.core.errors" in path.read_text():
            importlib.import_module(".".join(path.relative_to(CHECKOUT).with_suffix("").parts))
    found, todo = {}, [AppError]
    while todo:
        kind = todo.pop()
        found[kind.__name__] = kind
        todo += kind.__subclasses__()
    return found


def uses(source: str, known: dict[str, type[AppError]]) -> Iterator[Use]:
    """Each code that a source gives to a problem where it makes one, or that the problem's class has."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            kind = known.get("Invalid" if name == REFUSAL else name)
            place = 0 if name == REFUSAL else 1
            given = [one.value for one in node.keywords if one.arg == "code"] + node.args[place : place + 1]
            if kind and given and isinstance(given[0], ast.Constant):
                yield str(given[0].value), kind.status
            elif kind and not given:
                yield kind.code, kind.status


def gateway() -> set[Use]:
    """The codes of the gateway's own problems that are not HTTP's words or ours."""
    conf = (CHECKOUT / "deploy/gateway/nginx.conf.template").read_text()
    (codes,) = re.findall(r"map \$status \$code {(.+?)}", conf, re.DOTALL)
    ours = {(kind.code, kind.status) for kind in kinds().values()}
    named = {(code, int(status)) for status, code in re.findall(r"(\d{3}) ([a-z-]+);", codes)}
    words = {(HTTPStatus(status).phrase.lower().replace(" ", "-"), status) for _, status in named}
    newer_words = {("uri-too-long", 414), ("range-not-satisfiable", 416)}
    return named - ours - words - newer_words


def told() -> set[Use]:
    """Every code that a door may answer with, and its status."""
    known = kinds()
    found = {use for path in sources() for use in uses(path.read_text(), known)}
    found |= {(kind.code, kind.status) for kind in vars(errors).values() if kind in known.values()}
    found |= gateway()
    return found | {(code, Unauthenticated.status) for _, code, _ in tokens._PROBLEMS}


def written() -> list[tuple[str, int]]:
    rows = [(line, ROW.fullmatch(line)) for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    assert [line for line, row in rows if row is None] == [], "a row is | `code` | status | A sentence. |"
    return [(row[1], int(row[2])) for _, row in rows if row]


def test_one_code_has_one_status() -> None:
    codes = [code for code, _ in sorted(told())]
    assert [code for code in set(codes) if codes.count(code) > 1] == []


def test_every_code_is_explained_and_no_other() -> None:
    """A new cause needs a row in the table; before that, look whether the cause has a code already."""
    assert set(written()) == told()


def test_the_explanations_stand_in_the_order_of_their_codes() -> None:
    assert written() == sorted(written())


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("raise Conflict('x')", ("conflict", 409)),
        ("raise errors.Conflict('x', 'stale', {})", ("stale", 409)),
        ("return Invalid('x', code='bad-id')", ("bad-id", 422)),
        ("return Refusal('wrong-type', 'x')", ("wrong-type", 422)),
    ],
)
def test_a_code_is_seen(source: str, found: Use) -> None:
    assert list(uses(source, kinds())) == [found]
