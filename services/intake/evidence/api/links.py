"""Files by links that review has signed."""

from typing import Any

import flask

from services.intake.evidence import queries
from services.intake.evidence.api.files import give
from services.intake.evidence.schemas import LinkQuery
from shared.auth import ANYONE, audience, caller
from shared.keys import KeyRing
from shared.links import PURPOSE
from shared.settings import Settings
from shared.web import Blueprint, look


def door(settings: Settings) -> Blueprint:
    """The route that links lead to, open with review's keys only; KeysError when they cannot be read."""
    blp = Blueprint("linked-evidence", __name__, url_prefix="/linked", description="Files by signed links.")
    publics = KeyRing.load(settings.keys, settings.service).publics
    keys = {kid: one for kid, one in publics.items() if (one.service, one.purpose) == ("review", PURPOSE)}

    @blp.route("/evidence")
    @blp.arguments(LinkQuery, location="query")
    @blp.response(200, content_type="application/octet-stream")
    @audience(ANYONE)
    def linked_file(query: dict[str, Any]) -> flask.Response:
        """The file that a link of review names, for the person whom it names."""
        return give(look(queries.linked_file, keys, query["link"], caller()), "linked")

    return blp
