"""What the assessors wrote, for an agency's people: a page, parts of which scoring's page of the result takes over."""

import flask
from flask_babel import gettext

from services.review import queries
from services.review.pages.queue import TEMPLATES, stage_of
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES
from shared.web.instruments import groups, said

RESULT = "/scoring/own"
"""Where scoring shows an agency's people their result."""
pages = flask.Blueprint("words", __name__, template_folder=str(TEMPLATES))


@pages.get("/words/<submission>")
@audience(*AGENCY_ROLES)
def words(submission: str) -> str:
    """What the assessors wrote of each indicator of a published case, without their names."""
    found = web.query(queries.get_words, caller(), submission)
    stages = {one.stage for one in found.words.values()}
    return flask.render_template(
        "review/words.html",
        navigation=[
            {"text": gettext("Home"), "href": "/", "active": False},
            {"text": gettext("Our results"), "href": RESULT, "active": True},
        ],
        breadcrumbs=[{"text": gettext("Result"), "href": f"{RESULT}/{submission}"}],
        found=found,
        groups=list(groups(found.edition)),
        stages={stage: stage_of(found.edition, found.case, stage) for stage in stages},
        said=said,
    )
