"""Rows under a first line that names their columns, in any order and case."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from shared.core.errors import Invalid

MOST_LINES = 2000
MOST_COLUMNS = 100
LONGEST_CELL = 2000
"""Characters that are kept of a cell: more than anything that is asked for."""

TOO_MANY_CELLS, NO_VALUE, BROKEN = "too-many-cells", "formula-without-value", "cell-error"
"""What may be odd about cells, whatever they should hold."""

Problem = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """The cells of a row as text, without blanks around them and without empty ones at the end; `odd` by place."""

    number: int
    cells: Sequence[str]
    odd: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """The columns that a table must have, and those that it may leave out."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, in the order of a template."""
        return self.required + self.optional


@dataclass(frozen=True)
class Line:
    """A row by its columns, every column among them; `odd` says what is wrong with cells, "" with the whole row."""

    number: int
    cells: Mapping[str, str]
    odd: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The rows of a table that say something, and the name of its sheet where it has one."""

    lines: Sequence[Line]
    sheet: str = ""


def laid_out(rows: Iterable[Row], layout: Layout, sheet: str = "") -> Table:
    """The rows by their columns; Invalid when the first does not name these, or when there are too many."""
    first, *rest = list(islice(rows, MOST_LINES + 2)) or [Row(1, [])]
    columns = [name.lower() for name in first.cells]
    if not _fits(columns, layout):
        raise _wrong_columns(first, columns, layout)
    if len(rest) > MOST_LINES:
        raise Invalid(f"These are too many lines; at most {MOST_LINES} go at once.", "too-many-lines")
    return Table([_line(row, columns, layout) for row in rest], sheet)


def wrong_lines(problems: Sequence[Problem]) -> Invalid:
    """The refusal that names the first wrong lines in its sentence, and all of them in `errors`."""
    said = " ".join(f"Line {problem['line']}: {problem['detail']}" for problem in problems[:3])
    more = f" {len(problems) - 3} more stand in `errors`." if problems[3:] else ""
    return Invalid(f"Nothing was set. {said}{more}", "bad-lines", {"errors": list(problems[:1000])})


def _fits(columns: Sequence[str], layout: Layout) -> bool:
    named = set(columns)
    return len(named) == len(columns) and set(layout.required) <= named <= set(layout.columns)


def _line(row: Row, columns: Sequence[str], layout: Layout) -> Line:
    cells = dict.fromkeys(layout.columns, "") | dict(zip(columns, row.cells, strict=False))
    if len(row.cells) > len(columns):
        return Line(row.number, cells, {"": TOO_MANY_CELLS})
    return Line(row.number, cells, {columns[place]: what for place, what in row.odd.items()})


def _wrong_columns(first: Row, columns: Sequence[str], layout: Layout) -> Invalid:
    refused = wrong_lines(
        [{"line": first.number, "detail": _what_columns(first.cells, columns, layout)}],
    )
    refused.extra["missing"] = [name for name in layout.required if name not in columns]
    refused.extra["unknown"] = [name for name in first.cells if name.lower() not in layout.columns][
        :MOST_COLUMNS
    ]
    return refused


def _what_columns(names: Sequence[str], columns: Sequence[str], layout: Layout) -> str:
    may = f" and may name {', '.join(layout.optional)}" if layout.optional else ""
    must = f"The first line must name the columns {','.join(layout.required)}{may}"
    return must + "".join(_which(names, columns, layout))


def _which(names: Sequence[str], columns: Sequence[str], layout: Layout) -> Iterator[str]:
    if missing := [name for name in layout.required if name not in columns]:
        yield f"; {', '.join(missing)} is missing."
        return
    others = [name for name, column in zip(names, columns, strict=True) if column not in layout.columns]
    yield ", each once" + (f", and not {', '.join(map(repr, others))}." if others else ".")
