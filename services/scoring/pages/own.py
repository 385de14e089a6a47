"""An agency's own results, for its people: what everybody sees, and beside it their own values and the words."""

import flask
from flask_babel import gettext

from services.scoring import queries
from services.scoring.pages.frame import OWN, TEMPLATES, navigation
from services.scoring.pages.publications import predicates, shown
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES

WORDS = "/review/words"
"""Where review hands out what its assessors wrote of a published case."""
pages = flask.Blueprint("own", __name__, template_folder=str(TEMPLATES))


@pages.get("/own")
@audience(*AGENCY_ROLES)
def years() -> str:
    """What is published of the caller's agencies, year by year."""
    found = web.query(queries.list_own_years, caller())
    return flask.render_template(
        "scoring/own_years.html",
        navigation=navigation(OWN),
        years_of=found.years,
        editions=found.editions,
        names=predicates(found.editions),
    )


@pages.get("/own/<submission>")
@audience(*AGENCY_ROLES)
def result(submission: str) -> str:
    """The published result of the caller's agency, each indicator beside its own value and what the assessors wrote."""
    found = web.query(queries.get_own_result, caller(), submission)
    return flask.render_template(
        "scoring/own.html",
        navigation=navigation(OWN),
        breadcrumbs=[{"text": gettext("Our results"), "href": OWN}],
        found=found,
        own={node.code: node.index for node in found.own.nodes} if found.own else {},
        words=f"{WORDS}/{submission}",
        **shown(found.result, found.edition),
    )
