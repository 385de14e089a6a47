"""Agencies as lines of text: all of them can be read, or every wrong line is named."""

from collections.abc import Iterator
from typing import Any

from services.intake.domain import Agency
from services.intake.domain.registry import settled_agency
from services.intake.schemas.tables import AGENCIES, agency_rows_of
from shared.core.imports import Fault, ImportRow, weighed
from shared.web.tables import read_csv, wrong_lines


def agency_rows(body: bytes) -> list[Agency]:
    """The agencies in a CSV text (id,name,group,since,until; the first line names the columns).

    As spreadsheets write it: comma, semicolon or tab (a line `sep=` may say so), UTF-8 or UTF-16 with a mark, the
    columns in any order and case, cells and rows left empty. Raises Invalid with the number and the problem of every
    wrong line.
    """
    rows = weighed(agency_rows_of(read_csv(body, AGENCIES)), {}, settled_agency)
    if problems := [problem for row in rows for problem in _problems(row)]:
        raise wrong_lines(problems)
    return [row.wanted for row in rows if row.wanted]


def _problems(row: ImportRow[Agency]) -> Iterator[dict[str, Any]]:
    return (_problem(row.number, fault) for fault in row.faults)


def _problem(number: int, fault: Fault) -> dict[str, Any]:
    column = {"column": fault.column} if fault.column else {}
    return {"line": number, **column, "detail": fault.detail}
