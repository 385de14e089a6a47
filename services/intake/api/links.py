"""Files by links that review has signed."""

from typing import Any

import flask

from services.intake import queries
from services.intake.api.files import BYTES, send_file
from services.intake.schemas import LinkQuery
from shared import web
from shared.auth.guard import ANYONE, audience, caller
from shared.core.errors import Forbidden
from shared.core.settings import Settings
from shared.signing.keys import KeyRing


def blueprint(settings: Settings) -> web.Blueprint:
    """The route that links lead to; KeysError when the public keys cannot be read."""
    blp = web.Blueprint(
        "linked-evidence", __name__, url_prefix="/linked", description="Files by signed links."
    )
    publics = KeyRing.load(settings.keys, settings.service).publics

    @blp.route("/evidence")
    @blp.arguments(LinkQuery, location="query")
    @blp.response(200, content_type=BYTES)
    @web.document_errors(Forbidden)
    @audience(ANYONE)
    def get_linked_file(query: dict[str, Any]) -> flask.Response:
        """The file that a link of review names, for the person whom it names."""
        return send_file(web.query(queries.get_linked_file, publics, query["link"], caller()), "linked")

    return blp
