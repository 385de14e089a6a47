"""Comments on the page of an indicator, as forms send them."""

from http import HTTPStatus

import flask
from flask_babel import gettext, lazy_gettext
from marshmallow import ValidationError

from services.intake import commands
from services.intake.domain.comments import LONGEST_COMMENT
from services.intake.pages.agency import show_desk
from services.intake.pages.workspace import TEMPLATES, address
from services.intake.queries import workspace as questions
from services.intake.schemas import CommentInput
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import AppError, BadRequest, Conflict, Forbidden, Invalid, NotFound
from shared.core.people import AGENCY_ROLES
from shared.web.formats import number
from shared.web.sentences import of_error

blp = flask.Blueprint(
    "comment-pages", __name__, url_prefix="/self-assessments", template_folder=str(TEMPLATES)
)
WHY = {
    "too-many-comments": lazy_gettext("There are as many comments as there can be: withdraw some of yours."),
    "already-sealed": lazy_gettext("The self-assessment is sealed: comments can be read only."),
    "deadline-passed": lazy_gettext("The deadline is over: comments can be read only."),
    "not-the-author": lazy_gettext("Only whoever wrote a comment may withdraw it: mark it as settled."),
    "comment-settled": lazy_gettext("This comment is settled, so it stays: reopen it first to withdraw it."),
    "not-found": lazy_gettext("This comment is not here any more."),
}
PLACE = "/<participation>/indicators/<indicator>/comments"


@blp.post(PLACE)
@audience(*AGENCY_ROLES)
def add(participation: str, indicator: str) -> flask.typing.ResponseReturnValue:
    """Leave a comment; what is wrong with it is said beside it, and the text stays."""
    sent = flask.request.form
    text = sent.get("text", "").replace("\r\n", "\n").strip()
    try:
        draft = CommentInput().load({"indicator": indicator, "text": text})
        web.run(commands.add_comment, participation, draft, sent.get("key", ""))
    except (ValidationError, Invalid, Conflict) as refused:
        return _refused(participation, indicator, refused, text)
    return _back(participation, indicator)


@blp.post(f"{PLACE}/<id>")
@audience(*AGENCY_ROLES)
def mark(participation: str, indicator: str, id: str) -> flask.typing.ResponseReturnValue:
    """Settle, reopen or withdraw a comment."""
    wanted = flask.request.form.get("do", "")
    if wanted not in ("settle", "reopen", "withdraw"):
        raise BadRequest("do is one of settle, reopen and withdraw.", "bad-parameter")
    try:
        if wanted == "withdraw":
            web.run(commands.withdraw_comment, participation, id)
        else:
            web.run(commands.mark_comment, participation, id, wanted == "settle")
    except (Conflict, Forbidden, NotFound) as refused:
        return _refused(participation, indicator, refused)
    return _back(participation, indicator)


def _refused(
    participation: str, indicator: str, why: AppError | ValidationError, typed: str | None = None
) -> flask.typing.ResponseReturnValue:
    found = web.query(questions.get_desk, caller(), participation, indicator)
    said = gettext("Write something, of at most %(most)s characters.", most=number(LONGEST_COMMENT))
    refused = WHY.get(why.cause_code, of_error(why)) if isinstance(why, AppError) else said
    page = show_desk(found, indicator, comment={"text": typed, "refused": refused})
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _back(participation: str, indicator: str) -> flask.typing.ResponseReturnValue:
    place = address(participation, "indicators", indicator)
    return flask.redirect(f"{place}#comments", HTTPStatus.SEE_OTHER)
