"""The forms by which the ministry appoints somebody, and changes an appointment."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import gettext, lazy_gettext

from services.review import commands
from services.review.domain import Appointment
from services.review.pages.ministry import ASSESSORS, LONGEST_ID, blueprint, render, sought
from services.review.queries import Standing, roster
from services.review.schemas import AppointmentForm
from shared import web
from shared.auth.guard import audience, caller
from shared.core import reading
from shared.web import forms

NEW = "/review/new-assessor"
FIELDS = ("subject", "name", "employer_agency", "since", "until")
PLACES = {
    "bad-span": "until",
    "bad-subject": "subject",
    "already-exists": "subject",
    "unknown-agency": "employer_agency",
}
"""At which field a refusal stands."""
_MOMENT = lazy_gettext("Write a moment, such as 2026-01-31 23:59 or 31 January 2026 23:59.")
ASKS = {
    "subject": lazy_gettext("Write at most 300 characters, exactly as the identity provider has them."),
    "name": lazy_gettext("Write one line of at most 200 characters, all of which can be seen."),
    "employer_agency": lazy_gettext("Choose an agency from the list."),
    "since": _MOMENT,
    "until": _MOMENT,
}
NEEDS = {
    "subject": lazy_gettext("Say how the identity provider knows the person."),
    "name": lazy_gettext("Write the name of the person."),
    "since": lazy_gettext("Say since when the person is appointed."),
}
Answer = flask.typing.ResponseReturnValue

pages = blueprint("appointing")


@pages.get("/new-assessor")
@audience("ministry")
def new_assessor() -> str:
    """The form by which somebody is appointed, filled in for whoever is chosen among those who are known."""
    id = flask.request.args.get("person", "")[:LONGEST_ID]
    person = web.query(roster.find_person, id) if id else None
    chosen = {"name": person.name, "subject": person.subject} if person else {}
    return _new({**chosen, "since": forms.local(web.arrived())}, {})


@pages.post("/new-assessor")
@audience("ministry")
def appoint() -> Answer:
    """Appoint somebody."""
    wanted, wrong = _read()
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not wrong:
        made, wrong, status = forms.attempt(lambda: web.run(commands.appoint, wanted), PLACES)
        if made:
            return flask.redirect(f"{ASSESSORS}/{made.id}?done=saved", HTTPStatus.SEE_OTHER)
    return _new(flask.request.form, wrong), status


@pages.get("/assessors/<id>/change")
@audience("ministry")
def change_assessor(id: str) -> str:
    """The form for an appointment that there is."""
    found = web.query(roster.get_standing, caller(), id)
    one = found.assessor
    typed = {"subject": one.subject, "name": one.name, "employer_agency": one.employer or ""}
    times = {"since": forms.local(one.since), "until": forms.local(one.until)}
    return _change(found, {**typed, **times, "rev": str(one.rev)}, {})


@pages.post("/assessors/<id>/change")
@audience("ministry")
def save_assessor(id: str) -> Answer:
    """Change an appointment, if nobody else did since the form was opened."""
    known = web.query(roster.get_standing, caller(), id).assessor.id
    rev = reading.whole(flask.request.form.get("rev", "")[:9]) or 0
    wanted, wrong = _read()
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not wrong:
        made, wrong, status = forms.attempt(
            lambda: web.run(commands.set_assessor, known, wanted, rev), PLACES
        )
        if made:
            return flask.redirect(f"{ASSESSORS}/{id}?done=saved", HTTPStatus.SEE_OTHER)
    found = web.query(roster.get_standing, caller(), id)
    # Who sees what somebody else stored meanwhile may save over it.
    seen = {"rev": str(found.assessor.rev)} if status == HTTPStatus.CONFLICT else {}
    return _change(found, {**flask.request.form, **seen}, wrong, bool(seen)), status


def _read() -> tuple[Appointment, dict[str, str]]:
    said = {**forms.typed(FIELDS), "issuer": caller().issuer}
    return forms.load(AppointmentForm(), said, ASKS, NEEDS)


def _new(typed: Mapping[str, Any], wrong: Mapping[str, str]) -> str:
    words = sought()
    found = web.query(roster.find_people, caller(), tuple(words.split()))
    choice = web.query(roster.list_agency_choice)
    return render(
        "assessor_new.html",
        ASSESSORS,
        typed=typed,
        wrong=wrong,
        words=words,
        found=found,
        agencies=_employers(choice),
        now=web.arrived(),
    )


def _change(found: Standing, typed: Mapping[str, Any], wrong: Mapping[str, str], stale: bool = False) -> str:
    return render(
        "assessor_change.html",
        ASSESSORS,
        found=found,
        one=found.assessor,
        typed=typed,
        wrong=wrong,
        stale=stale,
        agencies=_employers(found.agencies.items()),
    )


def _employers(agencies: Any) -> list[dict[str, str]]:
    """The agencies for which an assessor may work, and none."""
    named = [{"value": id, "text": name} for id, name in agencies]
    return [{"value": "", "text": str(gettext("none of these agencies"))}, *named]
