"""Counts of the sources: how many arguments, branches and levels a function has, and where the branches stand.

`python -m tests.architecture.measures` prints the share of each service's branches that stand in its `domain`.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
FOLDERS = ("shared", "services", "deploy")
NOT_COUNTED = {"self", "cls", "tx", "reader"}
OPENING = {"apart", "inspection", "rendering"}
"""Rooms in which files are opened by their libraries."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
_DECISIONS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case)


def sources(*folders: str, under: Path = CHECKOUT) -> Iterator[Path]:
    """Every Python file of these folders, of all that run when none is named."""
    for folder in folders or FOLDERS:
        yield from sorted((under / folder).rglob("*.py"))


def functions(source: str) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    yield from _functions(source)


@cache
def _functions(source: str) -> tuple[Function, ...]:
    return tuple(node for node in ast.walk(ast.parse(source)) if isinstance(node, Function))


def lines(function: Function) -> int:
    """From the first line to the last, decorators not counted."""
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def arguments(function: Function) -> int:
    """How many arguments it takes beside self, cls, tx and reader; * and ** count as one each."""
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in NOT_COUNTED]) + bool(given.vararg) + bool(given.kwarg)


def branches(tree: ast.AST) -> int:
    """How many decisions a tree takes: statements, expressions, `and` and `or`, comprehensions with their ifs."""
    return sum(_decisions(node) for node in ast.walk(tree))


def _decisions(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, _DECISIONS))


def nesting(node: ast.AST) -> int:
    """How deep blocks stand in each other; `elif` is no deeper than its `if`."""
    return max((_depth(child, node) for child in ast.iter_child_nodes(node)), default=0)


def _depth(child: ast.AST, parent: ast.AST) -> int:
    continued = isinstance(parent, ast.If) and isinstance(child, ast.If) and parent.orelse == [child]
    return nesting(child) + int(isinstance(child, _BLOCKS) and not continued)


def branches_by_service(under: Path = CHECKOUT) -> dict[str, tuple[int, int]]:
    """For each service its branches that stand in `domain`, and all of them but those that open files."""
    inside, everywhere = Counter[str](), Counter[str]()
    for path in sources("services", under=under):
        parts = path.relative_to(under / "services").with_suffix("").parts
        if OPENING & {*parts} and "domain" not in parts:
            continue  # opening files by their libraries decides nothing that the domain could
        count = branches(ast.parse(path.read_text()))
        everywhere[parts[0]] += count
        if "domain" in parts:
            inside[parts[0]] += count
    return {service: (inside[service], count) for service, count in everywhere.items() if count}


def share_in_domain(under: Path = CHECKOUT) -> float:
    """The share of all services' branches that stand in a `domain`."""
    counted = branches_by_service(under).values()
    return sum(inside for inside, _ in counted) / sum(everywhere for _, everywhere in counted)


def main() -> None:
    """Print the shares."""
    for service, (inside, everywhere) in branches_by_service().items():
        print(f"{service:10} {inside:4} of {everywhere:4}  {inside / everywhere:.1%}")
    print(f"together   {share_in_domain():.1%}")


if __name__ == "__main__":
    main()
