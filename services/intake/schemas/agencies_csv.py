"""Agencies as lines of text: all of them can be read, or every wrong line is named."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

from marshmallow import ValidationError

from services.intake.domain import Agency, check_span
from services.intake.schemas.registry import AgencyRowInput
from shared.core.errors import Invalid

COLUMNS = ("id", "name", "group", "since", "until")
MOST_LINES = 2000

Problem = dict[str, Any]


def agency_rows(body: bytes) -> list[Agency]:
    """The agencies in a CSV text (id,name,group,since,until; the first line names the columns).

    Raises Invalid with the number and the problem of every wrong line.
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
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        rows = list(islice(lines, MOST_LINES + 2))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise Invalid(f"This is not CSV in UTF-8: {problem}.", "not-csv") from problem
    if not rows or sorted(rows[0]) != sorted(COLUMNS):
        raise _wrong([{"line": 1, "detail": f"The first line must name the columns {','.join(COLUMNS)}."}])
    if len(rows) > MOST_LINES + 1:
        raise Invalid(f"These are too many lines; at most {MOST_LINES} go at once.", "too-many-lines")
    for number, row in enumerate(rows[1:], start=2):
        if row:
            yield number, dict(zip(rows[0], row, strict=False)) if len(row) == len(COLUMNS) else {}


def _agency(number: int, cells: dict[str, str], problems: list[Problem]) -> Agency | None:
    if not cells:
        problems.append({"line": number, "detail": f"A line has {len(COLUMNS)} cells."})
        return None
    try:
        agency: Agency = AgencyRowInput().load(cells | {"until": cells["until"] or None})
        check_span(agency.since, agency.until)
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
    lines = sorted({problem["line"] for problem in problems})
    said = ", ".join(map(str, lines[:20])) + (", …" if len(lines) > 20 else "")
    return Invalid(
        f"Nothing was set: something is wrong on line {said}. See errors.",
        "bad-lines",
        {"errors": problems[:1000]},
    )
