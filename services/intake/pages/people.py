"""Inviting people, taking an invitation up, and what a second officer confirms."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import flask
from flask_babel import gettext
from marshmallow import ValidationError

from services.intake import commands, queries
from services.intake.domain.invitations import (
    ASSESSOR,
    BY_COORDINATOR,
    BY_MINISTRY,
    InvitationOrder,
    invitation_id,
)
from services.intake.domain.registry import held_roles
from services.intake.pages import forms
from services.intake.pages.home import APPOINTED, TEMPLATES
from services.intake.queries.directory import Asked
from services.intake.schemas import InvitationInput
from shared import web
from shared.auth import guard
from shared.auth.guard import ANYONE, PUBLIC, audience, caller
from shared.auth.sessions import lead_to_sign_in, session_name
from shared.core import reading
from shared.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from shared.core.people import AGENCY_ROLES
from shared.web.frame import ministry_navigation
from shared.web.roles import MEANINGS, role_name

Answer = flask.typing.ResponseReturnValue
PEOPLE = "/intake/people"
LONGEST_SEARCH = 100

pages = flask.Blueprint("people-pages", __name__, template_folder=str(TEMPLATES))


@pages.get("/people")
@audience("ministry", "coordinator")
def people() -> Answer:
    """Who may do what, and who is invited."""
    return _people()


@pages.post("/people/invite")
@web.counted("120/hour")
@audience("ministry", "coordinator")
def invite_person() -> Answer:
    """Make an invitation, and tell its link once."""
    token = secrets.token_urlsafe(32)
    try:
        web.run(commands.invite, _order(), invitation_id(token))
    except (ValidationError, Invalid) as refused:
        return _people(errors=_errors(refused)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _people(link=f"{guard.sessions_of_app().origin}/intake/invitation?token={token}")


@pages.post("/people/<id>/confirm")
@audience("ministry")
def confirm_on_page(id: str) -> Answer:
    """Put in force what another officer proposed."""
    rev = reading.whole(flask.request.form.get("rev", ""))
    web.run(commands.confirm_person, id, rev)
    return flask.redirect(PEOPLE, 303)


@pages.post("/people/invitations/<id>/revoke")
@audience("ministry", "coordinator")
def revoke_on_page(id: str) -> Answer:
    """Have an invitation count no more."""
    web.run(commands.revoke_invitation, id)
    return flask.redirect(PEOPLE, 303)


@pages.get("/invitation")
@audience(PUBLIC)
def invitation() -> Answer:
    """Say what an invitation gives, to whoever opens its link."""
    return _invitation(flask.request.args.get("token", ""))


@pages.post("/invitation")
@web.counted("30/hour")
@audience(ANYONE)
def take_invitation() -> Answer:
    """Take an invitation up."""
    token = flask.request.form.get("token", "")
    found, _ = web.query(queries.get_invitation, token)
    web.run(commands.accept_invitation, invitation_id(token), session_name())
    return flask.redirect(APPOINTED if found.role == ASSESSOR else "/intake/", 303)


def _people(link: str = "", errors: Mapping[str, str] | None = None) -> str:
    who, said = caller(), flask.request.args
    asked = Asked(said.get("who", "").strip()[:LONGEST_SEARCH], said.get("after"), said.get("older"))
    found = web.query(queries.get_directory, who, asked)
    officer = who.has("ministry")
    agencies = None if officer else who.agencies("coordinator")
    return flask.render_template(
        "intake/people.html",
        found=found,
        sought=asked,
        link=link,
        errors=errors or {},
        typed=flask.request.form if errors else {"agency": asked.words},
        officer=officer,
        me=who.person,
        roles=BY_MINISTRY if officer else BY_COORDINATOR,
        meanings=MEANINGS,
        usual=_usual(officer, said.get("role", "")),
        people=[(one, held_roles(one, agencies, web.arrived())) for one in found.people.rows],
        invitations=[(one, one.state(web.arrived())) for one in found.invitations.rows],
        done=forms.done(),
        navigation=_navigation(officer),
        role=role_name("ministry" if officer else "coordinator"),
        first=_address(asked, "known", after=""),
        next=_address(asked, "known", after=found.people.rows[-1].id) if found.people.more else "",
        newest=_address(asked, "invitations", older=""),
        older=_address(asked, "invitations", older=found.invitations.rows[-1].id)
        if found.invitations.more
        else "",
    )


def _usual(officer: bool, asked: str) -> str:
    """The role that is chosen at first: that which a link asks for, else the one for which most are invited."""
    if asked in (BY_MINISTRY if officer else BY_COORDINATOR):
        return asked
    return "coordinator" if officer else "clerk"


def _navigation(officer: bool) -> list[dict[str, Any]]:
    if officer:
        return ministry_navigation(PEOPLE)
    home = {"text": gettext("Home"), "href": "/intake/self-assessments/"}
    return [home, {"text": gettext("People"), "href": PEOPLE, "active": True}]


def _address(asked: Asked, part: str, **changes: str) -> str:
    """Where the page goes on, with all else that was asked for."""
    said = {"who": asked.words, "after": asked.after, "older": asked.older} | changes
    return f"{PEOPLE}?{urlencode({name: value for name, value in said.items() if value})}#{part}"


def _order() -> InvitationOrder:
    form = flask.request.form
    said = {name: form[name].strip() for name in ("role", "agency", "note") if form.get(name, "").strip()}
    if said.get("role") == ASSESSOR and "agency" in said:
        said["employer_agency"] = said.pop("agency")
    order: InvitationOrder = InvitationInput().load(said)
    return order


def _errors(refused: ValidationError | Invalid) -> dict[str, str]:
    """What is wrong with which field of the form, in the reader's language."""
    form = flask.request.form
    if isinstance(refused, ValidationError) and "note" in refused.messages_dict:
        return {"note": gettext("Write one line of at most 200 characters.")}
    if form.get("role") in AGENCY_ROLES and not form.get("agency"):
        return {"agency": gettext("Choose the agency for which the role is held.")}
    if form.get("role") == "ministry" and form.get("agency"):
        return {"agency": gettext("An officer of the ministry is one for no agency: choose none.")}
    return {"role": gettext("Choose a role and an agency from the lists.")}


def _invitation(token: str) -> Answer:
    try:
        who = guard.recognise()
    except Unauthenticated as why:
        return lead_to_sign_in(why)
    try:
        found, agency = web.query(queries.get_invitation, token)
    except (NotFound, Conflict, Forbidden) as why:
        page = flask.render_template("intake/invitation_not.html", code=why.cause_code)
        return page, why.status
    return flask.render_template(
        "intake/invitation.html", invitation=found, agency=agency, who=who, token=token
    )
