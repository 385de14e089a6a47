"""The words of a submission that was too large for its event, by a link that review signs."""

from typing import Any

from services.intake import commands, queries
from services.intake.schemas import LinkQuery, WordsSchema
from shared import web
from shared.auth.guard import ANYONE, audience
from shared.core.errors import Forbidden
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.signing.links import open_link


def blueprint(settings: Settings) -> web.Blueprint:
    """The door, with the public keys of this installation."""
    blp = web.Blueprint("words", __name__, description="Words by link.")

    @blp.route("/linked/words")
    @blp.arguments(LinkQuery, location="query")
    @blp.response(200, WordsSchema)
    @web.document_errors(Forbidden)
    @audience(ANYONE)
    def get_linked_words(query: dict[str, Any]) -> dict[str, Any]:
        """Facts and analysis of every sealed answer, for the person whom the link names."""
        publics = KeyRing.load(settings.keys, settings.service).publics
        link = open_link(query["link"], publics, web.arrived())
        submission, words = web.run(commands.read_words, link)
        return {"submission": submission.id, "answers": queries.with_words(submission, words)}

    return blp
