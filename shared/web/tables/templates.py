"""Empty tables to fill in: the right columns, an example, and what each column means."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from shared.web.tables.layout import MOST_LINES


@dataclass(frozen=True)
class Column:
    """A column of a template: what it means, what stands in it for example, and what alone may (nothing: anything)."""

    name: str
    meaning: str
    example: str
    choices: tuple[str, ...] = ()


def write_csv(columns: Sequence[Column]) -> bytes:
    """The template as CSV that spreadsheets open with its letters whole."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow([column.name for column in columns])
    rows.writerow([column.example for column in columns])
    return text.getvalue().encode("utf-8-sig")


def write_workbook(columns: Sequence[Column], sheet: str, guide: str) -> bytes:
    """The template as a workbook: a sheet to fill in, whose cells are texts, and one that explains its columns."""
    # As in reading.py: it is loaded by whoever needs it, not by every process.
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    table, told = book.worksheets[0], book.create_sheet(guide)
    table.title = sheet
    table.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        table.cell(1, place, column.name).font = Font(bold=True)
        for row in range(2, 202):
            table.cell(row, place).number_format = "@"
        table.cell(2, place, column.example)
        table.column_dimensions[get_column_letter(place)].width = 28
        told.append([column.name, column.meaning])
        if column.choices:
            letter = get_column_letter(place)
            only = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            only.add(f"{letter}2:{letter}{MOST_LINES + 1}")
            table.add_data_validation(only)
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = 16, 100
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()
