"""Links to the files and explanations of a submission, which intake keeps."""

from typing import Any

from services.review import commands
from services.review.schemas import LinkSchema
from shared import web
from shared.auth.guard import audience
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.signing.links import PURPOSE, Link, sign_link


def blueprint(settings: Settings) -> web.Blueprint:
    """The route that gives links, signed with review's key; KeysError when the keys cannot be read."""
    blp = web.Blueprint(
        "evidence", __name__, url_prefix="/cases", description="Evidence and explanations of a submission."
    )
    keys = KeyRing.load(settings.keys, settings.service)

    def signed(link: Link, place: str) -> dict[str, Any]:
        token = sign_link(link, keys.signing(PURPOSE, web.arrived()))
        base = settings.urls["intake"]
        return {"url": f"{base}/intake/api/v1/linked/{place}?link={token}", "until": link.until}

    @blp.route("/<id>/evidence/<sha256>")
    @blp.response(200, LinkSchema)
    @audience("assessor")
    def get_link(id: str, sha256: str) -> dict[str, Any]:
        """A link to one file, for the caller alone and for five minutes, while it holds a task of the case."""
        return signed(web.run(commands.link_file, id, sha256), "evidence")

    @blp.route("/<id>/words")
    @blp.response(200, LinkSchema)
    @audience("assessor")
    def get_words_link(id: str) -> dict[str, Any]:
        """A link to the agency's explanations, for the caller alone and for five minutes, while it holds a task.

        The only way to them when the case says `words_included` false: they were too long to stand in it.
        """
        return signed(web.run(commands.link_explanations, id), "words")

    return blp
