"""What an import would do and what is wrong with it, in words: the cause, and what to write instead."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from flask_babel import gettext, lazy_gettext

from shared.core.imports import Change, Fault, ImportRow
from shared.web.formats import due
from shared.web.sentences import explain
from shared.web.tables import Column

STATES = {
    "new": lazy_gettext("new"),
    "changed": lazy_gettext("changed"),
    "unchanged": lazy_gettext("unchanged"),
    "wrong": lazy_gettext("wrong"),
}
TINTS = {"new": "good", "changed": "on", "unchanged": "", "wrong": "bad"}
_ODD = {
    "too-many-cells": lazy_gettext("the row has more cells than there are columns"),
    "formula-without-value": lazy_gettext(
        "%(column)s is a formula without a value: open the file with a spreadsheet, save it, and send it again"
    ),
    "cell-error": lazy_gettext("%(column)s is an error of the spreadsheet (%(cell)s): write the value"),
    "empty-cell": lazy_gettext("%(column)s is empty"),
    "row-twice": lazy_gettext("the same as row %(line)s"),
    "person-twice": lazy_gettext("the same person as in row %(line)s, which has another id"),
}
_CELLS = {"unknown-activity": Fault("bad-cell", "", "activity")}
"""What the rules find in a cell that has choices: it is said as for every other such cell."""
_LONGEST = 60


def moment_meaning(text: str) -> str:
    """What a column of moments means, and how they are written."""
    how = gettext(
        "A day such as 2026-01-31, or 2026-01-31 23:59; in WIB unless another zone stands behind it."
    )
    return f"{text} {how}"


def sentences_of(row: ImportRow[Any], columns: Sequence[Column], asks: Mapping[str, object]) -> list[str]:
    """What is wrong with a row, or what it changes in its columns; `asks` says what may stand in each."""
    if row.faults:
        return list(_faults(row, columns, asks))
    return [_change(one) for one in row.changes_of_cells]


def _faults(row: ImportRow[Any], columns: Sequence[Column], asks: Mapping[str, object]) -> Iterator[str]:
    choices = {column.name: column.choices for column in columns}
    for found in row.faults:
        fault = _CELLS.get(found.code, found)
        cell = row.cells.get(fault.column, "")
        near = _known(fault, cell, choices.get(fault.column, ()))
        yield near or _fault(fault, cell, asks)


def _fault(fault: Fault, cell: str, asks: Mapping[str, object]) -> str:
    if fault.code in _ODD:
        return str(_ODD[fault.code]) % {"column": fault.column, "cell": _short(cell), **fault.names}
    if fault.code != "bad-cell":
        return explain(fault.code, fault.detail)
    return f"{fault.column} “{_short(cell)}”: {asks[fault.column]}"


def _known(fault: Fault, cell: str, choices: Sequence[str]) -> str:
    """What alone may stand in a cell, where something else does; nothing where anything may."""
    if fault.code != "bad-cell" or not choices:
        return ""
    what = {"column": fault.column, "cell": _short(cell)}
    if near := get_close_matches(cell, choices, 1):
        return str(
            gettext("%(column)s “%(cell)s” is not known; do you mean “%(near)s”?", near=near[0], **what)
        )
    known = ", ".join(choices)
    return str(gettext("%(column)s “%(cell)s” is not known; write one of %(known)s", known=known, **what))


def _change(one: Change) -> str:
    return f"{one.field}: {_value(one.before)} → {_value(one.after)}"


def _value(value: Any) -> str:
    match value:
        case None | "":
            return str(gettext("nothing"))
        case bool():
            return str(gettext("yes") if value else gettext("no"))
        case datetime():
            return due(value)
        case _:
            return f"“{value}”"


def _short(cell: str) -> str:
    return cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…"
