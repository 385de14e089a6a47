"""The words of a submission that was too large for its event, by a link that review signs."""

from typing import Any

from services.intake import commands, queries
from services.intake.schemas import WordsQuery, WordsSchema
from shared.auth import ANYONE, audience
from shared.keys import KeyRing
from shared.links import open_link
from shared.settings import Settings
from shared.web import Blueprint, arrived, run


def door(settings: Settings) -> Blueprint:
    """The door, with the public keys of this installation."""
    blp = Blueprint("words", __name__, description="Words by link.")

    @blp.route("/linked/words")
    @blp.arguments(WordsQuery, location="query")
    @blp.response(200, WordsSchema)
    @audience(ANYONE)
    def linked_words(query: dict[str, Any]) -> dict[str, Any]:
        """Facts and analysis of every sealed answer, for the person whom the link names."""
        publics = KeyRing.load(settings.keys, settings.service).publics
        link = open_link(query["link"], publics, arrived())
        submission, words = run(commands.read_words, link)
        return {"submission": submission.id, "answers": queries.with_words(submission, words)}

    return blp
