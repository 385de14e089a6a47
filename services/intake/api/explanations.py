"""The explanations of a submission that was too large for its event, by a link that review signs."""

from typing import Any

from services.intake import commands
from services.intake.domain import SubmissionView
from services.intake.schemas import ExplanationsSchema, LinkQuery
from shared import web
from shared.auth.guard import ANYONE, audience
from shared.core.errors import Forbidden
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.signing.links import open_link


def blueprint(settings: Settings) -> web.Blueprint:
    """The route, with the public keys of this installation, which are read anew for each link."""
    blp = web.Blueprint("explanations", __name__, description="Explanations by link.")

    @blp.route("/linked/words")
    @blp.arguments(LinkQuery, location="query")
    @blp.response(200, ExplanationsSchema)
    @web.document_errors(Forbidden)
    @web.large
    @audience(ANYONE)
    def get_linked_explanations(query: dict[str, Any]) -> SubmissionView:
        """Facts and analysis of every sealed answer, for the person whom the link names."""
        publics = KeyRing.load(settings.keys, settings.service).publics
        link = open_link(query["link"], publics, web.arrived())
        return web.run(commands.open_explanations, link)

    return blp
