"""Rows of a table as what they want, or with what is wrong with them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError

from shared.core.imports import Fault, ReadRow
from shared.web.phrases import say
from shared.web.tables import Line, Table

EMPTY, UNREADABLE = "empty-cell", "bad-cell"
_ODD = {
    "too-many-cells": "A line has {count} cells; this has more.",
    "formula-without-value": "Holds a formula without a value: open the file with a spreadsheet and save it.",
    "cell-error": "Holds an error of the spreadsheet: write the value.",
}
Cells = Callable[[dict[str, str]], Mapping[str, Any]]


def read_rows(table: Table, schema: Schema, cells: Cells) -> list[ReadRow[Any]]:
    """Each row as the schema reads it, from what `cells` makes of its cells."""
    return [_row(line, schema, cells) for line in table.lines]


def _row(line: Line, schema: Schema, cells: Cells) -> ReadRow[Any]:
    if line.odd:
        return ReadRow(line.number, line.cells, tuple(_odd_cells(line)))
    try:
        wanted = schema.load(cells(dict(line.cells)))
    except ValidationError as problem:
        return ReadRow(line.number, line.cells, tuple(_faults(line, problem.messages_dict)))
    return ReadRow(line.number, line.cells, (), wanted)


def _odd_cells(line: Line) -> Iterator[Fault]:
    for column, what in line.odd.items():
        yield Fault(what, _ODD[what].format(count=len(line.cells)), column)


def _faults(line: Line, messages: Mapping[str, Any]) -> Iterator[Fault]:
    for column, said in messages.items():
        code = UNREADABLE if line.cells.get(column) else EMPTY
        yield Fault(code, " ".join(map(say, said)), column)
