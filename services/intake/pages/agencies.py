"""Agencies, for the ministry: found, looked at, made and changed."""

from http import HTTPStatus
from typing import Any

import flask

from services.intake import commands, queries
from services.intake.domain import GROUPS, Agency
from services.intake.domain.registry import AgencyFilter
from services.intake.pages import forms
from services.intake.pages.ministry import AGENCIES, ROWS, address, after, blueprint, render
from services.intake.queries import agencies as questions
from services.intake.schemas import AgencyRowInput
from shared import web
from shared.auth.guard import audience
from shared.core import reading

FIELDS = ("id", "name", "group", "zone", "since", "until")
PLACES = {"reserved-id": "id", "bad-span": "until", "bad-id": "id"}
LONGEST_SEARCH = 100
NEW = "/intake/new-agency"
Answer = flask.typing.ResponseReturnValue

pages = blueprint("agencies")


@pages.get("/agencies")
@audience("ministry")
def agencies() -> str:
    """Every agency, or those that are looked for."""
    said = flask.request.args
    words, group = said.get("q", "").strip()[:LONGEST_SEARCH], said.get("group", "")
    group = group if group in GROUPS else ""
    begin = after()
    wanted = AgencyFilter(tuple(words.split()), group or None)
    found = web.query(questions.list_agencies, wanted, begin, ROWS)
    asked = {"q": words, "group": group}
    last = found.rows[-1].id if found.more else ""
    return render(
        "agencies.html",
        AGENCIES,
        agencies=found.rows,
        asked=asked,
        groups=GROUPS,
        first=address(AGENCIES, asked) if begin else "",
        next=address(AGENCIES, {**asked, "after": last}) if last else "",
        done=forms.done(),
    )


@pages.get("/agencies/<id>")
@audience("ministry")
def agency(id: str) -> str:
    """One agency, and the cycles in which it takes part."""
    view = web.query(questions.get_agency_view, id)
    return render("agency.html", AGENCIES, view=view, saved="saved" in flask.request.args)


@pages.get("/new-agency")
@audience("ministry")
def new() -> str:
    """The form for an agency that is not known yet."""
    return _form({}, {})


@pages.post("/new-agency")
@audience("ministry")
def make() -> Answer:
    """Make an agency."""
    return _save(None)


@pages.get("/agencies/<id>/change")
@audience("ministry")
def change(id: str) -> str:
    """The form for an agency that is known."""
    known = web.query(queries.get_entity, Agency, id)
    values = {name: getattr(known, name) or "" for name in ("id", "name", "group", "zone")}
    times = {"since": forms.local(known.since), "until": forms.local(known.until)}
    return _form({**values, **times, "rev": str(known.rev)}, {}, known)


@pages.post("/agencies/<id>/change")
@audience("ministry")
def save(id: str) -> Answer:
    """Change an agency, if nobody else did since the form was opened."""
    return _save(web.query(queries.get_entity, Agency, id))


def _save(known: Agency | None) -> Answer:
    said = forms.typed(FIELDS) | ({"id": known.id} if known else {})
    wanted, wrong = forms.load(AgencyRowInput(), said)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not wrong:
        rev = (reading.whole(flask.request.form.get("rev", "")) or 0) if known else 0
        made, wrong, status = forms.attempt(lambda: web.run(commands.set_agency, wanted, rev), PLACES)
        if made:
            return flask.redirect(f"{AGENCIES}/{made.id}?saved", HTTPStatus.SEE_OTHER)
    # Who sees what somebody else stored meanwhile may save over it.
    seen = {"rev": str(known.rev)} if known and status == HTTPStatus.CONFLICT else {}
    return _form({**flask.request.form, **said, **seen}, wrong, known, bool(seen)), status


def _form(
    typed: dict[str, Any], wrong: dict[str, str], known: Agency | None = None, stale: bool = False
) -> str:
    return render(
        "agency_form.html",
        AGENCIES,
        known=known,
        stale=stale,
        typed=typed,
        wrong=wrong,
        groups=forms.groups(),
        zones=forms.zones(),
        place=f"{AGENCIES}/{known.id}/change" if known else NEW,
    )
