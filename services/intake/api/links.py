"""Files by links that review has signed."""

from typing import Any

import flask

from services.intake import queries
from services.intake.api import downloads
from services.intake.api.files import send_file
from services.intake.queries import LinkedFile
from services.intake.schemas import LinkQuery
from shared import web
from shared.auth.guard import ANYONE, audience, caller
from shared.core.errors import Forbidden, Locked
from shared.core.settings import Settings
from shared.signing.keys import KeyRing


def blueprint(settings: Settings) -> web.Blueprint:
    """The route that links lead to."""
    blp = web.Blueprint(
        "linked-evidence", __name__, url_prefix="/linked", description="Files by signed links."
    )

    @blp.route("/evidence")
    @blp.arguments(LinkQuery, location="query")
    @blp.response(200)
    @downloads.document
    @web.document_errors(Forbidden, Locked)
    @audience(ANYONE)
    def get_linked_file(query: dict[str, Any]) -> flask.Response:
        """The file that a link of review names, for the person whom it names."""
        return send_file(linked(settings, query).file, "linked")

    return blp


def linked(settings: Settings, query: dict[str, Any]) -> LinkedFile:
    """The file that a link names, by the public keys of this installation, which are read anew for each link."""
    publics = KeyRing.load(settings.keys, settings.service).publics
    return web.query(queries.get_linked_file, publics, query["link"], caller())
