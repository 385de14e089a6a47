"""Evidence at the bench: addresses that stay, and lead to intake by a link of the moment for whoever holds the task."""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

import flask

from services.review import commands
from shared import web
from shared.auth.guard import audience
from shared.core import reading
from shared.core.errors import NotFound
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.signing.links import PURPOSE, sign_link

LINKED = "/intake/api/v1/linked"
KEPT = timedelta(minutes=4)
"""How long a browser may go on with the link that it has, which lasts a minute more."""
LONGEST_NUMBER = 8
MOST = 500
"""Characters of what is handed on."""


def blueprint(settings: Settings) -> flask.Blueprint:
    """The routes to files, their pages and their text, by links signed with review's key."""
    pages = flask.Blueprint("files", __name__, url_prefix="/tasks/<id>/files/<sha256>")
    keys = KeyRing.load(settings.keys, settings.service)

    def led(place: str, id: str, sha256: str, **asked: object) -> flask.typing.ResponseReturnValue:
        link = web.run(commands.link_task_file, id, sha256)
        query = {"link": sign_link(link, keys.signing(PURPOSE, web.arrived())), **asked}
        answer = flask.redirect(f"{LINKED}/{place}?{urlencode(query)}", HTTPStatus.FOUND)
        kept = min(KEPT, link.until - web.arrived())
        answer.headers["Cache-Control"] = f"private, max-age={int(kept.total_seconds())}"
        answer.vary.update(("Authorization", "Cookie"))
        return answer

    @pages.get("")
    @audience("assessor")
    def file(id: str, sha256: str) -> flask.typing.ResponseReturnValue:
        """Lead to the file itself."""
        return led("evidence", id, sha256)

    @pages.get("/pages/<page>")
    @audience("assessor")
    def page_of_file(id: str, sha256: str, page: str) -> flask.typing.ResponseReturnValue:
        """Lead to the image of a page."""
        number = reading.whole(page[:LONGEST_NUMBER])
        if number is None:
            raise NotFound("Pages are counted from 1: there is none of this name.", "no-such-page")
        return led("page", id, sha256, page=number, **_asked("width"))

    @pages.get("/find")
    @audience("assessor")
    def find_in_file(id: str, sha256: str) -> flask.typing.ResponseReturnValue:
        """Lead to where a text stands."""
        return led("find", id, sha256, **_asked("q", "start"))

    return pages


def _asked(*names: str) -> dict[str, str]:
    """What else the address asks, which intake looks at."""
    given = flask.request.args
    return {name: given[name][:MOST] for name in names if name in given}
