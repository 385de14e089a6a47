"""The session of a browser, renewed by the script of a page."""

from typing import Any

import flask

from services.intake import commands, queries
from services.intake.schemas import RenewalInput, SessionSchema
from shared import web
from shared.auth import guard
from shared.auth.guard import PUBLIC, audience
from shared.core.errors import Forbidden, Unauthenticated
from shared.core.settings import Settings
from shared.signing.sessions import Session
from shared.web import signedin


def blueprint(settings: Settings) -> web.Blueprint:
    """The routes, with the key that signs sessions."""
    blp = web.Blueprint("session", __name__, url_prefix="/session", description="The session of a browser.")

    @blp.route("/renew", methods=["POST"])
    @blp.arguments(RenewalInput)
    @blp.response(200, SessionSchema)
    @web.document_errors(Unauthenticated, Forbidden)
    @audience(PUBLIC)
    def renew_session(order: dict[str, Any]) -> Session:
        """Let the session of the cookie count for five more minutes, while it goes on; needs the page's CSRF token."""
        reader, now = guard.sessions_of_app(), web.arrived()
        found = reader.read()
        if found is None:
            raise Unauthenticated("Nobody has signed in at this browser.")
        reader.check_sent(found)
        deed = now if order["deed"] else found.deed
        if web.query(queries.find_going_on, found.sid, found.deed, now) is None:
            raise Unauthenticated("The session is over: sign in again.", "session-over")
        if order["deed"]:
            commands.note_deed(web.database(), found.sid, now)
        session = signedin.renewed(found, deed, now)

        def give(answer: flask.Response) -> flask.Response:
            signedin.give_cookies(answer, settings, session, now)
            return answer

        flask.after_this_request(give)
        return session

    return blp
