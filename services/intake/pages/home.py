"""Where everybody begins: the home of a role, or the start page of a stranger."""

from pathlib import Path

import flask

from services.intake import queries
from shared import web
from shared.auth import guard
from shared.auth.guard import PUBLIC, audience
from shared.auth.sessions import OVER, lead_to_sign_in
from shared.core.errors import Unauthenticated
from shared.core.people import AGENCY_ROLES

TEMPLATES = Path(__file__).parents[1] / "templates"
APPOINTED = "/intake/?taken=assessor"
"""Where somebody goes on who has taken up an invitation as an assessor, whatever else they are."""
HOMES = ((("ministry",), "/intake/cycles"), (AGENCY_ROLES, "/intake/self-assessments/"))
"""Where each role begins, the first that somebody holds."""

pages = flask.Blueprint("home", __name__, template_folder=str(TEMPLATES))


@pages.get("/")
@audience(PUBLIC)
def home() -> flask.typing.ResponseReturnValue:
    """The home of whoever has signed in, and for strangers the way in."""
    try:
        session = guard.recognise()
    except Unauthenticated as why:
        if why.cause_code == OVER:
            return lead_to_sign_in(why)
        session = None
    if session is None:
        return flask.render_template("intake/start.html")
    caller = guard.caller()
    appointed = flask.request.args.get("taken") == "assessor"
    for roles, place in HOMES:
        if caller.has(*roles) and not appointed:
            return flask.redirect(place, 303)
    waits = web.query(queries.list_proposed, caller)
    agencies = web.query(queries.list_names_of_agencies, caller.agencies())
    return flask.render_template(
        "intake/home.html",
        session=session,
        caller=caller,
        waits=waits,
        agencies=agencies,
        appointed=appointed,
    )
