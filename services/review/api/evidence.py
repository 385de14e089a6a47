"""Links to the files of a submission, which intake keeps."""

from typing import Any

from services.review import commands
from services.review.schemas import LinkSchema
from shared import web
from shared.auth import audience
from shared.keys import KeyRing
from shared.links import PURPOSE, sign_link
from shared.settings import Settings


def door(settings: Settings) -> web.Blueprint:
    """The route that gives links, signed with review's key; KeysError when the keys cannot be read."""
    blp = web.Blueprint("evidence", __name__, url_prefix="/cases", description="Evidence of a submission.")
    keys = KeyRing.load(settings.keys, settings.service)

    @blp.route("/<id>/evidence/<sha256>")
    @blp.response(200, LinkSchema)
    @audience("assessor")
    def get_link(id: str, sha256: str) -> dict[str, Any]:
        """A link to one file, for the caller alone and for five minutes, while it holds a task of the case."""
        link = web.run(commands.link_file, id, sha256)
        token = sign_link(link, keys.signing(PURPOSE, web.arrived()))
        base = settings.urls["intake"]
        return {"url": f"{base}/intake/api/v1/linked/evidence?link={token}", "until": link.until}

    return blp
