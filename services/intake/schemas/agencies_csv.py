"""Agencies as lines of text: all of them can be read, or every wrong line is named."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from marshmallow import ValidationError

from services.intake.domain import Agency, check_agency
from services.intake.schemas.registry import AgencyRowInput
from shared.core.errors import Invalid

COLUMNS = ("id", "name", "group", "since", "until")
MOST_LINES = 2000

SEPARATORS = ",;\t"
"""What spreadsheets put between cells, by their country's settings and kind of file."""

Problem = dict[str, Any]

_NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
}
_SEPARATOR_LINE = re.compile(r'"?sep=([^\s"]|\t)"?\r?\n', re.IGNORECASE)
_SAVE_AS = "Save it as CSV UTF-8, and send that."


def agency_rows(body: bytes) -> list[Agency]:
    """The agencies in a CSV text (id,name,group,since,until; the first line names the columns).

    As spreadsheets write it: comma, semicolon or tab (a line `sep=` may say so), UTF-8 or UTF-16 with a mark, the
    columns in any order and case, cells and rows left empty. Raises Invalid with the number and the problem of every
    wrong line.
    """
    lines = list(_lines(body))
    problems: list[Problem] = []
    agencies: dict[str, Agency] = {}
    for number, cells in lines:
        found = _agency(number, cells, problems)
        if found and found.id in agencies:
            problems.append({"line": number, "detail": f"{found.id} stands on an earlier line too."})
        elif found:
            agencies[found.id] = found
    if problems:
        raise _wrong(problems)
    return list(agencies.values())


def _lines(body: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The cells of every line that has any, by their columns, with the line's number; {} for too many cells."""
    rows = list(islice(_rows(_text(body)), MOST_LINES + 2))
    (first, names), *rest = rows or [(1, [])]
    columns = [name.lower() for name in names]
    if sorted(columns) != sorted(COLUMNS):
        raise _wrong([{"line": first, "detail": _what_columns(names, columns)}])
    if len(rest) > MOST_LINES:
        raise Invalid(f"These are too many lines; at most {MOST_LINES} go at once.", "too-many-lines")
    for number, cells in rest:
        missing = [""] * (len(columns) - len(cells))
        yield number, dict(zip(columns, cells + missing, strict=True)) if len(cells) <= len(columns) else {}


def _text(body: bytes) -> str:
    for magic, what in _NOT_TEXT.items():
        if body.startswith(magic):
            raise Invalid(f"This is {what}, not CSV. {_SAVE_AS}", "not-csv")
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = body.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = body.count(b"\n", 0, problem.start) + 1
        raise Invalid(f"This is not CSV in UTF-8, from line {line} on. {_SAVE_AS}", "not-csv") from problem
    if "\0" in text:
        raise Invalid(f"This is not CSV in UTF-8: it holds bytes that are no text. {_SAVE_AS}", "not-csv")
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, each with its number."""
    separator, text, first = _separated(text)
    source = io.StringIO(text, newline="")
    rows = csv.reader(source, delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for number, row in enumerate(rows, start=first):
            if cells := _cells(row):
                yield number, cells
    except csv.Error as problem:
        line = rows.line_num + first - 1
        raise Invalid(f"This is not CSV: line {line}: {problem}.", "not-csv") from problem


def _separated(text: str) -> tuple[str, str, int]:
    """What stands between cells, the text that it separates, and the number of that text's first line."""
    if said := _SEPARATOR_LINE.match(text):
        return said[1], text[said.end() :], 2
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=first.count), text, 1


def _cells(row: list[str]) -> list[str]:
    """The cells without blanks around them, and without empty ones at the end."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _what_columns(names: Sequence[str], columns: Sequence[str]) -> str:
    must = f"The first line must name the columns {','.join(COLUMNS)}"
    if missing := [name for name in COLUMNS if name not in columns]:
        return f"{must}; {', '.join(missing)} is missing."
    others = [name for name, column in zip(names, columns, strict=True) if column not in COLUMNS]
    return f"{must}, each once" + (f", and not {', '.join(map(repr, others))}." if others else ".")


def _agency(number: int, cells: dict[str, str], problems: list[Problem]) -> Agency | None:
    if not cells:
        problems.append({"line": number, "detail": f"A line has {len(COLUMNS)} cells; this has more."})
        return None
    try:
        agency: Agency = AgencyRowInput().load(cells | {"until": cells["until"] or None})
        check_agency(agency)
    except ValidationError as problem:
        problems += [
            {"line": number, "column": column, "detail": " ".join(said)}
            for column, said in problem.messages_dict.items()
        ]
    except Invalid as problem:
        problems.append({"line": number, "detail": problem.detail})
    else:
        return agency
    return None


def _wrong(problems: list[Problem]) -> Invalid:
    said = " ".join(f"Line {problem['line']}: {problem['detail']}" for problem in problems[:3])
    more = f" {len(problems) - 3} more stand in `errors`." if problems[3:] else ""
    return Invalid(
        f"Nothing was set. {said}{more}",
        "bad-lines",
        {"errors": problems[:1000]},
    )
