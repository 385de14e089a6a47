"""Questions of the assessors: what they ask, and the answer in words and files until it is sent for good."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import gettext
from marshmallow import ValidationError

from services.intake import commands
from services.intake.domain import Exhibit
from services.intake.domain.clarification_answers import LONGEST_WORDS, ClarificationDraft
from services.intake.domain.clarifications import SENDERS
from services.intake.pages.files import TakeForm
from services.intake.pages.workspace import TEMPLATES, address, file_kinds, render, shown_question
from services.intake.queries import workspace as asking
from services.intake.queries.workspace import QuestionDesk
from services.intake.schemas import ClarificationAnswerInput
from shared import web
from shared.auth.guard import audience, caller
from shared.core import reading
from shared.core.errors import AppError, Conflict, Forbidden, Invalid
from shared.core.people import AGENCY_ROLES
from shared.web.formats import number
from shared.web.sentences import of_error

blp = flask.Blueprint("questions", __name__, url_prefix="/self-assessments", template_folder=str(TEMPLATES))
PLACE = "/<participation>/questions"
Answer = flask.typing.ResponseReturnValue


def sending(take_form: TakeForm) -> flask.Blueprint:
    """The route by which files for answers come, with what takes the file of a form for a question."""
    sends = flask.Blueprint("question-forms", __name__, url_prefix="/self-assessments")

    @sends.post(f"{PLACE}/<id>/files")
    @web.document_headers(content="multipart/form-data")
    @audience(*AGENCY_ROLES)
    def send_file(participation: str, id: str) -> Answer:
        """Take a file and name it in the answer; what is wrong with it is shown at the question."""
        found = web.query(asking.get_question_desk, caller(), participation, id)
        try:
            upload = take_form(participation, id)
        except AppError as refused:
            return _page(found, file_refused=of_error(refused)), refused.status
        exhibit = Exhibit(str(upload.content_sha256), upload.name, upload.length)
        return _change(participation, id, lambda draft: draft.naming(exhibit))

    return sends


@blp.get(PLACE)
@audience(*AGENCY_ROLES)
def list_questions(participation: str) -> str:
    """All questions, the open ones first."""
    found = web.query(asking.get_questions, caller(), participation)
    shown = [shown_question(found, one) for one in found.answered]
    return render("questions.html", found, "questions", shown=shown)


@blp.get(f"{PLACE}/<id>")
@audience(*AGENCY_ROLES)
def question(participation: str, id: str) -> str:
    """One question, with the answer and its files."""
    return _page(web.query(asking.get_question_desk, caller(), participation, id))


@blp.post(f"{PLACE}/<id>")
@audience(*AGENCY_ROLES)
def answer(participation: str, id: str) -> Answer:
    """Save the words, and send the answer for good where the form says so; what cannot be kept stays in the form."""
    form = flask.request.form
    typed = form.get("words", "").replace("\r\n", "\n")
    rev = reading.whole(form.get("rev", "")[:9]) or 0
    before = web.query(asking.get_question_desk, caller(), participation, id).asked.draft
    try:
        draft = replace(ClarificationAnswerInput().load({"words": typed}), evidence=before.evidence)
        saved = web.run(commands.save_clarification_answer, participation, id, draft, rev)
        if form.get("deed") == "send":
            web.run(commands.send_clarification_answer, participation, id, saved.rev)
    except (ValidationError, Conflict, Forbidden, Invalid) as refused:
        return _refused(participation, id, refused, typed)
    return _back(participation, id)


@blp.get(f"{PLACE}/<id>/files")
@audience(*AGENCY_ROLES)
def choose(participation: str, id: str) -> Answer:
    """Lead back to the question, where a file is chosen: whoever signs in again in between comes here."""
    web.query(asking.get_workspace, caller(), participation)
    return _back(participation, id)


@blp.post(f"{PLACE}/<id>/files/<sha256>/remove")
@audience(*AGENCY_ROLES)
def remove(participation: str, id: str, sha256: str) -> Answer:
    """Have the answer name a file no more."""
    return _change(participation, id, lambda draft: draft.without(sha256))


def _change(
    participation: str, id: str, change: Callable[[ClarificationDraft], ClarificationDraft]
) -> Answer:
    """Have the answer name other files, and lead back to the question."""
    asked = web.query(asking.get_question_desk, caller(), participation, id).asked
    draft = change(asked.draft)
    try:
        web.run(commands.save_clarification_answer, participation, id, draft, asked.rev)
    except (Conflict, Invalid) as refused:
        return _refused(participation, id, refused, None)
    return _back(participation, id)


def _refused(participation: str, id: str, why: AppError | ValidationError, typed: str | None) -> Answer:
    """The page of a question that says what was not kept, or not sent, with what was typed."""
    found = web.query(asking.get_question_desk, caller(), participation, id)
    text = gettext("Write at most %(most)s characters.", most=number(LONGEST_WORDS))
    told = _told(why) if isinstance(why, AppError) else text
    is_stale = isinstance(why, AppError) and why.cause_code == "stale"
    return _page(found, typed=typed, refused=told, stale=is_stale), HTTPStatus.UNPROCESSABLE_ENTITY


def _told(why: AppError) -> str:
    if why.cause_code == "stale":
        return str(
            gettext(
                "Somebody else has changed this answer meanwhile. Yours stands in the form; what is stored stands "
                "below it. Take over what you need, then save again."
            )
        )
    return of_error(why)


def _page(found: QuestionDesk, **shown: Any) -> str:
    """The page of a question; `typed` are words that were not kept, `refused` says why, `file_refused` of a file."""
    asked, round = found.asked, found.round
    may_send = caller().has(*SENDERS, agency=round.agency.id)
    return render(
        "question.html",
        found,
        "questions",
        one=shown_question(found, asked),
        node=round.edition.node(asked.clarification.indicator),
        answer=asked.answer,
        writable=asked.is_open,
        may_send=may_send,
        waits=next((shown_question(found, one) for one in found.waiting), None),
        me=caller().id,
        kinds=file_kinds(round.cycle.evidence.types),
        **{"typed": None, "refused": "", "stale": False, "file_refused": "", **shown},
    )


def _back(participation: str, id: str) -> Answer:
    return flask.redirect(address(participation, "questions", id), HTTPStatus.SEE_OTHER)
