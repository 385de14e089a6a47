"""Files that set many things at once: sent, looked at row by row, then done by a second click."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import gettext

from services.intake import commands
from services.intake.domain import GROUPS
from services.intake.domain.imports import STATES, WRONG, Import, ImportResult, Source
from services.intake.pages import import_words as words
from services.intake.pages.ministry import AGENCIES, address, blueprint, render
from services.intake.queries import agencies
from services.intake.schemas import tables
from shared import web
from shared.auth.guard import audience, caller
from shared.core import reading
from shared.core.errors import AppError, Conflict, Invalid
from shared.core.text import seen
from shared.web.sentences import of_error
from shared.web.tables import Column, Layout, Table, read_table, write_csv, write_workbook

PLACE = "/intake/imports"
ROWS = 100
LONGEST_NAME = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = flask.typing.ResponseReturnValue

pages = blueprint("imports")


@dataclass(frozen=True)
class Kind:
    """What a file sets: where its pages lie and lead to, its columns, and what previews it, finds that and does it."""

    name: str
    place: str
    back: str
    here: str
    crumbs: Sequence[Mapping[str, str]]
    title: str
    layout: Layout
    columns: Sequence[Column]
    preview: Callable[[Source, Table], Import[Any]]
    find: Callable[[str], Import[Any]]
    apply: Callable[[str], ImportResult]


def agencies_kind() -> Kind:
    """Agencies."""
    return Kind(
        name="agencies",
        place=f"{PLACE}/agencies",
        back=AGENCIES,
        here=AGENCIES,
        crumbs=[{"text": str(gettext("Agencies")), "href": AGENCIES}],
        title=str(gettext("Import agencies")),
        layout=tables.AGENCIES,
        columns=[
            Column("id", str(gettext("The agency's id: small letters, digits and hyphens.")), "kota-contoh"),
            Column("name", str(gettext("How the agency is called, on one line.")), "Pemerintah Kota Contoh"),
            Column("group", str(gettext("One of %(groups)s.", groups=", ".join(GROUPS))), "Kota", GROUPS),
            Column("since", words.moment_meaning(gettext("Since when the agency exists.")), "2026-01-01"),
            Column(
                "until",
                words.moment_meaning(gettext("When it ended; left empty as long as it exists.")),
                "",
            ),
        ],
        preview=lambda source, table: web.run(
            commands.preview_agencies, source, tables.agency_rows_of(table)
        ),
        find=lambda token: web.query(agencies.get_agencies_import, caller(), token),
        apply=lambda token: web.run(commands.apply_agencies, token),
    )


@pages.get("/imports/agencies")
@audience("ministry")
def agencies_form() -> str:
    """Where a list of agencies is chosen."""
    return _form(agencies_kind())


@pages.post("/imports/agencies")
@web.counted("120/hour")
@audience("ministry")
def send_agencies() -> Answer:
    """Take a list of agencies, and lead to what it would do."""
    return _take(agencies_kind())


@pages.get("/imports/agencies/template.<ending>")
@audience("ministry")
def agencies_template(ending: str) -> Answer:
    """An empty list of agencies to fill in."""
    return _template(agencies_kind(), ending)


@pages.get("/imports/agencies/<token>")
@audience("ministry")
def agencies_preview(token: str) -> str:
    """What a list of agencies would do."""
    return _preview(agencies_kind(), token)


@pages.post("/imports/agencies/<token>")
@audience("ministry")
def apply_agencies(token: str) -> Answer:
    """Do what was shown."""
    return _apply(agencies_kind(), token)


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
    state = _shown_state(counts)
    rows = [row for row in found.of(state) if row.number > begin]
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


def _shown_state(counts: Mapping[str, int]) -> str | None:
    """Rows of which state are shown: those that are asked for, else the wrong ones; None: all."""
    asked = flask.request.args.get("show")
    if asked is None:
        return WRONG if counts[WRONG] else None
    return asked if asked in STATES else None


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
