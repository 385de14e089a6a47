"""Files that set many things at once: sent, looked at row by row, then done by a second click."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import flask
from flask_babel import gettext

from shared.core import reading
from shared.core.errors import AppError, Conflict, Invalid
from shared.core.imports import STATES, Import, ImportResult, Source
from shared.core.text import seen
from shared.web import importwords as words
from shared.web.sentences import of_error
from shared.web.tables import Column, Layout, Table, read_table, write_csv, write_workbook

ROWS = 100
LONGEST_NAME = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = flask.typing.ResponseReturnValue


@dataclass(frozen=True)
class Kind:
    """What a file sets: where its pages lie and lead to, its columns, and what previews it, finds that and does it.

    `asks` says of a column what may stand in it; `frame` are the values that every page of it has.
    """

    name: str
    place: str
    back: str
    crumbs: Sequence[Mapping[str, str]]
    title: str
    layout: Layout
    columns: Sequence[Column]
    asks: Mapping[str, object]
    frame: Callable[[], Mapping[str, Any]]
    preview: Callable[[Source, Table], Import[Any]]
    find: Callable[[str], Import[Any]]
    apply: Callable[[str], ImportResult]


def form(kind: Kind, wrong: str = "") -> str:
    """Where a file is chosen."""
    return flask.render_template("imports/form.html", kind=kind, wrong=wrong, **kind.frame())


def take(kind: Kind) -> Answer:
    """Take a file, and lead to what it would do."""
    file = flask.request.files.get("file")
    name = seen(file.filename or "")[:LONGEST_NAME] if file else ""
    try:
        table = read_table(file.read() if file else b"", kind.layout)
    except Invalid as refused:
        return form(kind, _refusal(refused)), HTTPStatus.UNPROCESSABLE_ENTITY
    made = kind.preview(Source(name, table.sheet), table)
    return flask.redirect(f"{kind.place}/{made.token}", HTTPStatus.SEE_OTHER)


def _refusal(refused: AppError) -> str:
    """Why a file cannot be taken; that it is none is said of no evidence here."""
    if refused.cause_code == "empty-file":
        return str(gettext("Choose a file with rows."))
    return of_error(refused)


def preview(kind: Kind, token: str, wrong: str = "") -> str:
    """What a file would do, row by row."""
    found = kind.find(token)
    begin = reading.whole(flask.request.args.get("after", "")) or 0
    counts = found.counts
    state = found.asked_state(flask.request.args.get("show"))
    rows = found.after(begin, state)
    place, shown = f"{kind.place}/{token}", {"show": state or "all"}
    last = str(rows[ROWS - 1].number) if len(rows) > ROWS else ""
    return flask.render_template(
        "imports/preview.html",
        kind=kind,
        found=found,
        counts=counts,
        wrong=wrong,
        filters=_filters(place, state or "", counts, len(found.rows)),
        rows=[(row, words.sentences_of(row, kind.columns, kind.asks)) for row in rows[:ROWS]],
        first=_address(place, shown) if begin else "",
        next=_address(place, {**shown, "after": last}) if last else "",
        names=words.STATES,
        tints=words.TINTS,
        **kind.frame(),
    )


def apply(kind: Kind, token: str) -> Answer:
    """Do exactly what was shown, and lead to the list."""
    try:
        result = kind.apply(token)
    except Conflict as refused:
        return preview(kind, token, of_error(refused)), refused.status
    done = {"set": str(result.set), "unchanged": str(result.unchanged)}
    return flask.redirect(_address(kind.back, done), HTTPStatus.SEE_OTHER)


def template(kind: Kind, ending: str) -> Answer:
    """An empty file to fill in, as csv or xlsx."""
    if ending == "csv":
        body, media = write_csv(kind.columns), "text/csv; charset=utf-8"
    elif ending == "xlsx":
        body = write_workbook(kind.columns, str(gettext("List")), str(gettext("Columns")))
        media = XLSX
    else:
        flask.abort(HTTPStatus.NOT_FOUND)
    name = f'attachment; filename="{kind.name}.{ending}"'
    return flask.Response(body, headers={"Content-Type": media, "Content-Disposition": name})


def _filters(place: str, state: str, counts: Mapping[str, int], all: int) -> list[dict[str, Any]]:
    chosen = [(one, words.STATES[one], counts[one]) for one in reversed(STATES) if counts[one]]
    every = [*chosen, ("", gettext("All"), all)]
    return [
        {"text": f"{text} {count}", "href": f"{place}?show={one or 'all'}", "on": one == state}
        for one, text, count in every
    ]


def _address(place: str, asked: Mapping[str, str]) -> str:
    return f"{place}?{urlencode(asked)}"
