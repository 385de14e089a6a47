"""Who takes part in a cycle, for the ministry: found by state and name, and given more time, one or several."""

from functools import partial
from http import HTTPStatus

import flask

from services.intake import commands
from services.intake.domain.control import PLACES, PlaceFilter
from services.intake.domain.extensions import MOST_EXTENDED
from services.intake.pages import forms, places
from services.intake.pages.ministry import CYCLES, ROWS, address, after, blueprint, render
from services.intake.pages.places import place_name
from services.intake.queries import participations as questions
from services.intake.schemas.rounds import ExtensionForm
from shared import web
from shared.auth.guard import audience, caller
from shared.core import reading

LONGEST_SEARCH = 100
FIELDS = ("deadline", "bytes_until", "reason")
FIELD_OF = {"bad-extensions": "deadline"}
Answer = flask.typing.ResponseReturnValue

pages = blueprint("participations")


@pages.get("/cycles/<id>/participations")
@audience("ministry")
def roll(id: str) -> str:
    """Who takes part: all, those in one state, or those who are looked for."""
    said = flask.request.args
    words, state = said.get("q", "").strip()[:LONGEST_SEARCH], said.get("state", "")
    state = state if state in PLACES else ""
    begin, place = after(), f"{CYCLES}/{id}/participations"
    wanted = PlaceFilter(state or None, tuple(words.split()))
    found = web.query(questions.get_roll, id, wanted, begin, ROWS)
    asked = {"q": words, "state": state}
    last = found.rows.rows[-1].view.participation.id if found.rows.more else ""
    return render(
        "participations.html",
        CYCLES,
        found=found,
        asked=asked,
        said_place=partial(place_name, found.edition),
        choices=places.choices(found, state),
        place=place,
        first=address(place, asked) if begin else "",
        next=address(place, {**asked, "after": last}) if last else "",
        extended=reading.whole(said.get("extended", "")),
        done=forms.done(),
    )


@pages.get("/participations/<id>")
@audience("ministry")
def participation(id: str) -> str:
    """One agency in one cycle: its deadline, and what was extended."""
    found = web.query(questions.get_standing, caller(), id)
    return render("participation.html", CYCLES, found=found, said_place=partial(place_name, found.edition))


@pages.get("/cycles/<id>/extension")
@audience("ministry")
def extension(id: str) -> str:
    """The form by which the agencies that were chosen get more time."""
    return _form(id, flask.request.args.getlist("agency"), {})


@pages.post("/cycles/<id>/extension")
@audience("ministry")
def extend(id: str) -> Answer:
    """Give the agencies that were chosen more time: all of them, or none."""
    agencies = flask.request.form.getlist("agency")[:MOST_EXTENDED]
    said = {"participations": [f"{id}.{agency}" for agency in agencies], **forms.typed(FIELDS)}
    order, wrong = forms.load(ExtensionForm(), said)
    if wrong:
        return _form(id, agencies, wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    done, wrong, status = forms.attempt(lambda: web.run(commands.extend_several, order), FIELD_OF)
    if wrong:
        return _form(id, agencies, wrong), status
    place = address(f"{CYCLES}/{id}/participations", {"extended": str(done)})
    return flask.redirect(place, HTTPStatus.SEE_OTHER)


def _form(id: str, agencies: list[str], wrong: dict[str, str]) -> str:
    return render(
        "extension.html",
        CYCLES,
        found=web.query(questions.get_chosen, id, agencies[:MOST_EXTENDED]),
        typed=flask.request.form,
        wrong=wrong,
        place=f"{CYCLES}/{id}/extension",
    )
