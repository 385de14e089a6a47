"""Tables as somebody filled them in: each row says what it wants, or what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError

from services.intake.domain import Agency
from services.intake.domain.joining import TakingPart
from services.intake.domain.memberships import Membership
from services.intake.schemas.registry import AgencyRowInput
from services.intake.schemas.rows import MembershipRowInput, ParticipationRowInput
from shared.core.imports import Entity, Fault, ReadRow
from shared.web.phrases import say
from shared.web.tables import Layout, Line, Table

T = TypeVar("T", bound=Entity)

AGENCIES = Layout(("id", "name", "group", "since", "until"))
PARTICIPATIONS = Layout(("agency", "activity"), ("visit", "deadline"))
PEOPLE = Layout(("subject", "role", "agency"))
EMPTY, UNREADABLE = "empty-cell", "bad-cell"
_ODD = {
    "too-many-cells": "A line has {count} cells; this has more.",
    "formula-without-value": "Holds a formula without a value: open the file with a spreadsheet and save it.",
    "cell-error": "Holds an error of the spreadsheet: write the value.",
}


def agency_rows_of(table: Table) -> list[ReadRow[Agency]]:
    """The agencies of a table."""
    return [_row(line, AgencyRowInput(), _agency_cells) for line in table.lines]


def participation_rows_of(table: Table, cycle: str) -> list[ReadRow[TakingPart]]:
    """Those who take part in a cycle, of a table."""

    def cells(said: Mapping[str, str]) -> Mapping[str, Any]:
        return {**said, "cycle": cycle, "deadline": said["deadline"] or None}

    return [_row(line, ParticipationRowInput(), cells) for line in table.lines]


def people_rows_of(table: Table) -> list[ReadRow[Membership]]:
    """The roles at agencies of a table."""
    return [_row(line, MembershipRowInput(), dict) for line in table.lines]


def _agency_cells(cells: Mapping[str, str]) -> Mapping[str, Any]:
    return {**cells, "until": cells["until"] or None}


def _row(line: Line, schema: Schema, cells: Callable[[Mapping[str, str]], Mapping[str, Any]]) -> ReadRow[Any]:
    if line.odd:
        return ReadRow(line.number, line.cells, tuple(_odd_cells(line)))
    try:
        wanted = schema.load(cells(line.cells))
    except ValidationError as problem:
        faults = tuple(_faults(line, problem.messages_dict))
        return ReadRow(line.number, line.cells, faults)
    return ReadRow(line.number, line.cells, (), wanted)


def _odd_cells(line: Line) -> Iterator[Fault]:
    for column, what in line.odd.items():
        yield Fault(what, _ODD[what].format(count=len(line.cells)), column)


def _faults(line: Line, messages: Mapping[str, Any]) -> Iterator[Fault]:
    for column, said in messages.items():
        code = UNREADABLE if line.cells.get(column) else EMPTY
        yield Fault(code, " ".join(map(say, said)), column)
