"""Assessors, for the ministry: found, and looked at one by one."""

from collections.abc import Mapping

import flask

from services.review import commands
from services.review.domain import AssessorFilter
from services.review.pages.ministry import ASSESSORS, ROWS, address, after, blueprint, render, sought
from services.review.pages.queue import stage_of
from services.review.pages.standing import choice, state_of, why
from services.review.queries import roster
from shared import web
from shared.auth.guard import audience, caller
from shared.core import reading
from shared.web import forms

Answer = flask.typing.ResponseReturnValue

pages = blueprint("assessors")


@pages.get("/assessors")
@audience("ministry")
def assessors() -> str:
    """Every assessor, or those who are looked for."""
    said = flask.request.args
    words, state = sought(), state_of(said.get("state", ""))
    begin = after()
    found = web.query(roster.get_roster, AssessorFilter(tuple(words.split()), state), begin, ROWS)
    asked = {"q": words, "state": state}
    last = found.rows.rows[-1].assessor.id if found.rows.more else ""
    return render(
        "assessors.html",
        ASSESSORS,
        found=found,
        asked=asked,
        first=address(ASSESSORS, asked) if begin else "",
        next=address(ASSESSORS, {**asked, "after": last}) if last else "",
        done={name: reading.whole(said.get(name, "")) for name in ("set", "unchanged")},
    )


@pages.get("/assessors/<id>")
@audience("ministry")
def assessor(id: str) -> str:
    """One assessor: the appointment, its tasks and its conflicts of interest."""
    return show(id, {})


@pages.post("/assessors/<id>/end")
@audience("ministry")
def end(id: str) -> Answer:
    """End an appointment now."""
    rev = reading.whole(flask.request.form.get("rev", "")[:9]) or 0
    made, wrong, status = forms.attempt(lambda: web.run(commands.cut_short, id, rev), {})
    return flask.redirect(f"{ASSESSORS}/{id}?done=ended", 303) if made else (show(id, wrong), status)


def show(id: str, wrong: Mapping[str, str]) -> str:
    """The page of one assessor, with what is wrong with a form on it."""
    found = web.query(roster.get_standing, caller(), id)
    held = web.query(roster.list_held_tasks, id)
    return render(
        "assessor.html",
        ASSESSORS,
        found=found,
        one=found.assessor,
        is_own=found.assessor.identity == (caller().issuer, caller().subject),
        done=flask.request.args.get("done", ""),
        wrong=wrong,
        typed=flask.request.form if wrong else {},
        tasks=[(each.task, stage_of(each.edition, each.case, each.task.stage)) for each in held],
        agencies=choice(found),
        why=why,
        now=web.arrived(),
    )
