"""CSV as spreadsheets write it, whatever country they are set to."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from shared.core.errors import Invalid
from shared.web.tables.layout import LONGEST_CELL, Layout, Row, Table, laid_out

SEPARATORS = ",;\t"
"""What spreadsheets put between cells, by their country's settings and kind of file."""

_NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
}
_SEPARATOR_LINE = re.compile(r'"?sep=([^\s"]|\t)"?\r?\n', re.IGNORECASE)
_SAVE_AS = "Save it as CSV UTF-8, and send that."


def read_csv(body: bytes, layout: Layout) -> Table:
    """The rows of a CSV text; Invalid says what it is instead, or which line is wrong.

    Comma, semicolon or tab (a line `sep=` may say so), UTF-8 or UTF-16 with a mark, the columns in any order and
    case, cells and rows left empty.
    """
    return laid_out(_rows(_text(body)), layout)


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


def _rows(text: str) -> Iterator[Row]:
    """The rows that say something, each with its number."""
    separator, text, first = _separated(text)
    source = io.StringIO(text, newline="")
    rows = csv.reader(source, delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for number, row in enumerate(rows, start=first):
            if cells := _cells(row):
                yield Row(number, cells)
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
    cells = [cell.strip()[:LONGEST_CELL] for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells
