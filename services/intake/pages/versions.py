"""The versions of an answer, for whoever wants their words back."""

import flask

from services.intake.pages.workspace import TEMPLATES, render
from services.intake.queries import workspace as questions
from shared import web
from shared.auth.guard import audience, caller
from shared.core import reading
from shared.core.people import AGENCY_ROLES

blp = flask.Blueprint("versions", __name__, url_prefix="/self-assessments", template_folder=str(TEMPLATES))


@blp.get("/<participation>/indicators/<indicator>/versions")
@audience(*AGENCY_ROLES)
def show(participation: str, indicator: str) -> str:
    """Who saved what, the latest first; `below` a version goes further back."""
    said = flask.request.args.get("below", "")
    below = reading.whole(said) if len(said) < 10 else None
    found = web.query(questions.get_history, caller(), participation, indicator, below)
    writable = found.round.participation.submission is None
    return render(
        "versions.html", found, "indicators", node=found.round.edition.node(indicator), writable=writable
    )
