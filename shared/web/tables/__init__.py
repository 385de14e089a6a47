"""Tables that people fill in with a spreadsheet: read from CSV and .xlsx, handed out as templates."""

from shared.web.tables.csvs import read_csv
from shared.web.tables.layout import MOST_LINES, Layout, Line, Row, Table, laid_out, wrong_lines
from shared.web.tables.reading import read_table
from shared.web.tables.templates import Column, write_csv, write_workbook

__all__ = [
    "MOST_LINES",
    "Column",
    "Layout",
    "Line",
    "Row",
    "Table",
    "laid_out",
    "read_csv",
    "read_table",
    "write_csv",
    "write_workbook",
    "wrong_lines",
]
