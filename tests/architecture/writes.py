"""Which collections the sources insert into, update and remove from, as their calls say."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

KINDS: Mapping[str, frozenset[str]] = {
    "insert": frozenset({"insert"}),
    "append": frozenset({"insert"}),
    "insert_one": frozenset({"insert"}),
    "insert_many": frozenset({"insert"}),
    "put": frozenset({"insert", "update"}),
    "save": frozenset({"insert", "update"}),
    "save_replica": frozenset({"insert", "update"}),
    "claim": frozenset({"update"}),
    "update_one": frozenset({"insert", "update"}),
    "update_many": frozenset({"update"}),
    "replace_one": frozenset({"insert", "update"}),
    "find_one_and_update": frozenset({"insert", "update"}),
    "bulk_write": frozenset({"insert", "update"}),
    "delete": frozenset({"remove"}),
    "delete_one": frozenset({"remove"}),
    "delete_many": frozenset({"remove"}),
}
OF_A_TRANSACTION = frozenset({"save", "save_replica"})
"""Functions that take the transaction first and then the collection's name; methods of it take that first."""
OF_A_COLLECTION = frozenset(name for name in KINDS if "_" in name) - OF_A_TRANSACTION

Names = Mapping[str, frozenset[str]]


def writes(files: Iterable[Path]) -> dict[str, set[str]]:
    """What is done to each collection: insert, update, remove."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    trees = [_parse(file.read_text()) for file in files]
    elsewhere = {name: named for tree in trees for name, named in _names(tree) if named}
    for tree in trees:
        names = elsewhere | dict(_names(tree))  # a constant may be imported
        for call in ast.walk(tree):
            if isinstance(call, ast.Call):
                for collection in _collections(call, names):
                    found[collection] |= KINDS[_called(call)]
    return dict(found)


@cache
def _parse(source: str) -> ast.Module:
    return ast.parse(source)


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _collections(call: ast.Call, names: Names) -> frozenset[str]:
    called = _called(call)
    if called in OF_A_COLLECTION and isinstance(call.func, ast.Attribute):
        return _named(call.func.value, names)
    if called not in KINDS or len(call.args) < 2:  # `append` to a list has one argument
        return frozenset()
    return _named(call.args[1 if called in OF_A_TRANSACTION else 0], names)


def _named(expression: ast.expr, names: Names) -> frozenset[str]:
    """The collections that an expression may name: "audit", db["audit"], a constant, or a table of names."""
    match expression:
        case ast.Constant(value=str(name)):
            return frozenset({name})
        case ast.Subscript(value=ast.Name(id=table)) if table in names:
            return names[table]
        case ast.Subscript(slice=index):
            return _named(index, names)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return names.get(name, frozenset())
    return frozenset()


def _names(tree: ast.Module) -> Iterator[tuple[str, frozenset[str]]]:
    """What constants, tables and attributes of a module stand for collections."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        name = getattr(target, "id", None) or getattr(target, "attr", None)
        if name:
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            yield name, frozenset().union(*(_named(value, {}) for value in values))
