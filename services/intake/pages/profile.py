"""Oneself: name, roles, the zone and language in which one reads, and one's data."""

import flask
from marshmallow import ValidationError

from services.intake import commands, queries
from services.intake.domain.profiles import ProfileView
from services.intake.pages.workspace import TEMPLATES
from services.intake.schemas import ProfileInput
from shared import web
from shared.auth.guard import ANYONE, audience, caller
from shared.auth.sessions import session_name
from shared.core.errors import BadRequest
from shared.web import language, zones
from shared.web.choices import remember
from shared.web.frame import PROFILE

blp = flask.Blueprint("profile-page", __name__, template_folder=str(TEMPLATES))


@blp.get(PROFILE.removeprefix("/intake"))
@audience(ANYONE)
def show() -> str:
    """Who one is here, and how one reads."""
    return flask.render_template(
        "intake/profile.html",
        view=web.query(queries.get_profile, caller(), session_name()),
        zones=zones.ZONES,
        usual=zones.USUAL,
        saved="saved" in flask.request.args,
    )


@blp.post(PROFILE.removeprefix("/intake"))
@audience(ANYONE)
def save() -> flask.typing.ResponseReturnValue:
    """Keep the zone and the language, and read so from the next page on."""
    sent = flask.request.form
    try:
        draft = ProfileInput().load(
            {name: sent[name] or None for name in ("zone", "language") if name in sent}
        )
    except ValidationError as wrong:
        raise BadRequest("Choose a zone and a language of the lists.", "bad-parameter") from wrong
    web.run(commands.set_profile, draft)
    answer = flask.make_response(flask.redirect(f"{PROFILE}?saved", 303))
    carry(answer, web.query(queries.get_profile, caller(), session_name()))
    return answer


def carry(answer: flask.Response, view: ProfileView) -> None:
    """Have this browser read as somebody chose, in every service; without a language it goes on as it did."""
    remember(answer, zones.COOKIE, view.zone)
    if view.profile.language:
        remember(answer, language.COOKIE, view.profile.language)
