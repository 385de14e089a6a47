"""Files that set many things at once: sent, looked at row by row, then done by a second click."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import gettext

from services.intake.domain.imports import STATES, Source
from services.intake.pages import import_words as words
from services.intake.pages.import_kinds import KINDS, Kind
from services.intake.pages.ministry import address, blueprint, render
from shared import web
from shared.auth.guard import audience
from shared.core import reading
from shared.core.errors import AppError, Conflict, Invalid
from shared.core.text import seen
from shared.web.sentences import of_error
from shared.web.tables import read_table, write_csv, write_workbook

ROWS = 100
LONGEST_NAME = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = flask.typing.ResponseReturnValue

pages = blueprint("imports")


def _add(path: str, kind: Callable[..., Kind]) -> None:
    """Add the pages of one kind of imports: the form, the template, the preview, and what does it."""
    place = f"/imports/{path}"

    @pages.get(place, endpoint=f"{kind.__name__}-form")
    @audience("ministry")
    def form(**where: str) -> str:
        """Where a file is chosen."""
        return _form(kind(**where))

    @pages.post(place, endpoint=f"{kind.__name__}-send")
    @web.counted("120/hour")
    @audience("ministry")
    def send(**where: str) -> Answer:
        """Take a file, and lead to what it would do."""
        return _take(kind(**where))

    @pages.get(f"{place}/template.<ending>", endpoint=f"{kind.__name__}-template")
    @audience("ministry")
    def template(ending: str, **where: str) -> Answer:
        """An empty table to fill in."""
        return _template(kind(**where), ending)

    @pages.get(f"{place}/<token>", endpoint=f"{kind.__name__}-preview")
    @audience("ministry")
    def preview(token: str, **where: str) -> str:
        """What a file would do."""
        return _preview(kind(**where), token)

    @pages.post(f"{place}/<token>", endpoint=f"{kind.__name__}-apply")
    @audience("ministry")
    def apply(token: str, **where: str) -> Answer:
        """Do what was shown."""
        return _apply(kind(**where), token)


for _path, _kind in KINDS.items():
    _add(_path, _kind)


def _form(kind: Kind, wrong: str = "") -> str:
    return render("import.html", kind.here, kind=kind, wrong=wrong)


def _take(kind: Kind) -> Answer:
    file = flask.request.files.get("file")
    name = seen(file.filename or "")[:LONGEST_NAME] if file else ""
    try:
        table = read_table(file.read() if file else b"", kind.layout)
    except Invalid as refused:
        return _form(kind, _refusal(refused)), HTTPStatus.UNPROCESSABLE_ENTITY
    made = kind.preview(Source(name, table.sheet), table)
    return flask.redirect(f"{kind.place}/{made.token}", HTTPStatus.SEE_OTHER)


def _refusal(refused: AppError) -> str:
    """Why a file cannot be taken; that it is none is said of no evidence here."""
    if refused.cause_code == "empty-file":
        return str(gettext("Choose a file with rows."))
    return of_error(refused)


def _preview(kind: Kind, token: str, wrong: str = "") -> str:
    found = kind.find(token)
    begin = reading.whole(flask.request.args.get("after", "")) or 0
    counts = found.counts
    state = found.asked_state(flask.request.args.get("show"))
    rows = found.after(begin, state)
    place, shown = f"{kind.place}/{token}", {"show": state or "all"}
    last = str(rows[ROWS - 1].number) if len(rows) > ROWS else ""
    return render(
        "import_preview.html",
        kind.here,
        kind=kind,
        found=found,
        counts=counts,
        wrong=wrong,
        filters=_filters(place, state or "", counts, len(found.rows)),
        rows=[(row, words.sentences_of(row, kind.columns)) for row in rows[:ROWS]],
        first=address(place, shown) if begin else "",
        next=address(place, {**shown, "after": last}) if last else "",
        names=words.STATES,
        tints=words.TINTS,
    )


def _filters(place: str, state: str, counts: Mapping[str, int], all: int) -> list[dict[str, Any]]:
    chosen = [(one, words.STATES[one], counts[one]) for one in reversed(STATES) if counts[one]]
    every = [*chosen, ("", gettext("All"), all)]
    return [
        {"text": f"{text} {count}", "href": f"{place}?show={one or 'all'}", "on": one == state}
        for one, text, count in every
    ]


def _apply(kind: Kind, token: str) -> Answer:
    try:
        result = kind.apply(token)
    except Conflict as refused:
        return _preview(kind, token, of_error(refused)), refused.status
    done = {"set": str(result.set), "unchanged": str(result.unchanged)}
    return flask.redirect(address(kind.back, done), HTTPStatus.SEE_OTHER)


def _template(kind: Kind, ending: str) -> Answer:
    if ending == "csv":
        body, media = write_csv(kind.columns), "text/csv; charset=utf-8"
    elif ending == "xlsx":
        body = write_workbook(kind.columns, str(gettext("List")), str(gettext("Columns")))
        media = XLSX
    else:
        flask.abort(HTTPStatus.NOT_FOUND)
    name = f'attachment; filename="{kind.name}.{ending}"'
    return flask.Response(body, headers={"Content-Type": media, "Content-Disposition": name})
