"""Evidence by a plain form, for browsers in which no script sends it in pieces, and its removal."""

from collections.abc import Callable
from http import HTTPStatus

import flask

from services.intake import commands
from services.intake.domain import Exhibit, Upload
from services.intake.domain.patches import AnswerPatch
from services.intake.pages.agency import show_desk
from services.intake.pages.workspace import TEMPLATES, address
from services.intake.queries import workspace as questions
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import AppError
from shared.core.people import AGENCY_ROLES
from shared.web.sentences import of_error

TakeForm = Callable[[str, str | None], Upload]


blp = flask.Blueprint("files", __name__, url_prefix="/self-assessments", template_folder=str(TEMPLATES))
PLACE = "/<participation>/indicators/<indicator>/files"


def sending(take_form: TakeForm) -> flask.Blueprint:
    """The route by which files come, with what takes the file of a form for a participation."""
    sends = flask.Blueprint("file-forms", __name__, url_prefix="/self-assessments")

    @sends.post(PLACE)
    @web.document_headers(content="multipart/form-data")
    @audience(*AGENCY_ROLES)
    def send(participation: str, indicator: str) -> flask.typing.ResponseReturnValue:
        """Take a file and name it in the answer; what is wrong with it is shown at the indicator."""
        found = web.query(questions.get_desk, caller(), participation, indicator)
        try:
            upload = take_form(participation, None)
        except AppError as refused:
            return show_desk(found, indicator, refused=of_error(refused)), refused.status
        exhibit = Exhibit(str(upload.content_sha256), upload.name, upload.length)
        return _change(participation, indicator, lambda files: {**files, exhibit.sha256: exhibit})

    return sends


@blp.get(PLACE)
@audience(*AGENCY_ROLES)
def choose(participation: str, indicator: str) -> flask.typing.ResponseReturnValue:
    """Lead back to the indicator, where a file is chosen: whoever signs in again in between comes here."""
    web.query(questions.get_workspace, caller(), participation)
    return _back(participation, indicator)


@blp.post(f"{PLACE}/again")
@audience(*AGENCY_ROLES)
def use_again(participation: str, indicator: str) -> flask.typing.ResponseReturnValue:
    """Have the answer name a file that another answer names: no byte of it is sent again."""
    found = web.query(questions.get_desk, caller(), participation, indicator)
    wanted = flask.request.form.get("sha256", "")
    chosen = {each.sha256: each for each in found.others(indicator) if each.sha256 == wanted}
    return _change(participation, indicator, lambda files: {**files, **chosen})


@blp.post(f"{PLACE}/<sha256>/remove")
@audience(*AGENCY_ROLES)
def remove(participation: str, indicator: str, sha256: str) -> flask.typing.ResponseReturnValue:
    """Have the answer name a file no more."""
    return _change(participation, indicator, lambda files: {k: v for k, v in files.items() if k != sha256})


def _change(
    participation: str, indicator: str, change: Callable[[dict[str, Exhibit]], dict[str, Exhibit]]
) -> flask.typing.ResponseReturnValue:
    """Have the answer name other files, joined with what others do to them meanwhile, and lead back to it."""
    answer = web.query(questions.get_desk, caller(), participation, indicator).answer
    files = change({each.sha256: each for each in answer.evidence} if answer else {})
    patch = AnswerPatch(indicator, answer.rev if answer else 0, {"evidence": tuple(files.values())})
    (outcome,) = web.run(commands.patch_answers, participation, [patch])
    if outcome.outcome in ("saved", "unchanged"):
        return _back(participation, indicator)
    found = web.query(questions.get_desk, caller(), participation, indicator)
    return show_desk(found, indicator, outcome=outcome), HTTPStatus.UNPROCESSABLE_ENTITY


def _back(participation: str, indicator: str) -> flask.typing.ResponseReturnValue:
    place = address(participation, "indicators", indicator) + "#evidence"
    return flask.redirect(place, HTTPStatus.SEE_OTHER)
