"""Conflicts of interest: declared by the ministry and by assessors of themselves, taken back by the ministry."""

from http import HTTPStatus

import flask
from flask_babel import lazy_gettext

from services.review import commands
from services.review.domain import Assessor, Declaration
from services.review.pages import assessors
from services.review.pages.ministry import ASSESSORS, blueprint, render
from services.review.pages.queue import ME, navigation
from services.review.pages.standing import STATES, TINTS, choice, why
from services.review.queries import roster
from services.review.schemas import DeclarationInput, TakeBackInput
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import NotFound
from shared.web import forms
from shared.web.roles import role_name

FIELDS = ("agency", "reason")
PLACES = {"unknown-agency": "agency", "already-declared": "agency"}
ASKS = {
    "agency": lazy_gettext("Choose an agency from the list."),
    "reason": lazy_gettext("Write the reason in at most 1,000 characters."),
}
NEEDS = {
    "agency": lazy_gettext("Choose the agency."),
    "reason": lazy_gettext("Write the reason: what connects the assessor with the agency."),
}
_TAKEN_BACK = {"reason": lazy_gettext("Say in at most 2,000 characters why it is taken back.")}
Answer = flask.typing.ResponseReturnValue

pages = blueprint("conflicts")


@pages.post("/assessors/<id>/conflicts")
@audience("ministry")
def declare(id: str) -> Answer:
    """Declare a conflict of interest of an assessor."""
    order, wrong = _read()
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not wrong:
        made, wrong, status = forms.attempt(lambda: web.run(commands.declare_conflict, id, order), PLACES)
        if made:
            return flask.redirect(f"{ASSESSORS}/{id}?done=declared#conflicts", HTTPStatus.SEE_OTHER)
    return assessors.show(id, wrong), status


@pages.get("/assessors/<id>/conflicts/<agency>")
@audience("ministry")
def conflict(id: str, agency: str) -> str:
    """The form by which a conflict of interest is taken back."""
    return _conflict(id, agency, {})


@pages.post("/assessors/<id>/conflicts/<agency>")
@audience("ministry")
def take_back(id: str, agency: str) -> Answer:
    """Take a conflict of interest back, for a reason."""
    order, wrong = forms.load(TakeBackInput(), forms.typed(("reason",)), _TAKEN_BACK, _TAKEN_BACK)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not wrong:
        made, wrong, status = forms.attempt(
            lambda: web.run(commands.take_back_conflict, id, agency, order["reason"]), {}
        )
        if made:
            return flask.redirect(f"{ASSESSORS}/{id}?done=taken#conflicts", HTTPStatus.SEE_OTHER)
    return _conflict(id, agency, wrong), status


@pages.get("/me")
@audience("assessor")
def me() -> str:
    """The caller's own appointment and conflicts of interest."""
    return _me({})


@pages.post("/me/conflicts")
@audience("assessor")
def declare_own() -> Answer:
    """Declare a conflict of interest of the caller's own."""
    order, wrong = _read()
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not wrong:
        made, wrong, status = forms.attempt(lambda: _declare_own(order), PLACES)
        if made:
            return flask.redirect(f"{ME}?done=declared#conflicts", HTTPStatus.SEE_OTHER)
    return _me(wrong), status


def _declare_own(order: Declaration) -> Assessor:
    return web.run(commands.declare_own_conflict, order)


def _read() -> tuple[Declaration, dict[str, str]]:
    return forms.load(DeclarationInput(), forms.typed(FIELDS), ASKS, NEEDS)


def _me(wrong: dict[str, str]) -> str:
    found = web.query(roster.get_own_standing, caller())
    return flask.render_template(
        "review/me.html",
        navigation=navigation(ME),
        role=role_name("assessor"),
        found=found,
        one=found.assessor,
        own={found.assessor.id, f"assessor:{found.assessor.id}", caller().id},
        states=STATES,
        tints=TINTS,
        done=flask.request.args.get("done", ""),
        wrong=wrong,
        typed=flask.request.form if wrong else {},
        agencies=choice(found),
        why=why,
    )


def _conflict(id: str, agency: str, wrong: dict[str, str]) -> str:
    found = web.query(roster.get_standing, caller(), id)
    declared = {interest.agency: interest for interest in found.assessor.conflicts}
    if agency not in declared:
        raise NotFound("No conflict of interest with this agency is declared: go on from the list.")
    return render(
        "conflict.html",
        ASSESSORS,
        found=found,
        one=found.assessor,
        interest=declared[agency],
        wrong=wrong,
        typed=flask.request.form if wrong else {},
        why=why,
    )
