"""The bench: one indicator after the other, and the end of the task."""

import re
from http import HTTPStatus
from pathlib import Path

import flask

from services.review import commands, queries
from services.review.pages.desk import address, show_desk, show_end
from services.review.pages.forms import looking_at, read_lease, read_patch, read_question
from services.review.pages.queue import PLACE, to_queue
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import BadRequest, Conflict, Invalid, NotFound

TEMPLATES = Path(__file__).parents[1] / "templates"
Answer = flask.typing.ResponseReturnValue
_CODE = re.compile(r"[\w.-]{1,40}", re.ASCII)

blp = flask.Blueprint("bench", __name__, url_prefix="/tasks", template_folder=str(TEMPLATES))
blp.register_error_handler(Conflict, to_queue)
blp.register_error_handler(NotFound, to_queue)


@blp.get("/<id>")
@audience("assessor")
def begin(id: str) -> Answer:
    """The first indicator that is not rated completely, or the end of the task."""
    work = web.query(queries.get_work, caller(), id)
    left = next(iter(work.missing), None)
    return flask.redirect(address(id, left) if left else f"{PLACE}/{id}/end", HTTPStatus.SEE_OTHER)


@blp.get("/<id>/indicators/<indicator>")
@audience("assessor")
def indicator(id: str, indicator: str) -> str:
    """One indicator: the agency's answer and evidence, the rating, and what the stage before said."""
    return show_desk(web.query(queries.get_desk, caller(), id, indicator))


@blp.post("/<id>/indicators/<indicator>")
@audience("assessor")
def save(id: str, indicator: str) -> Answer:
    """Save what the form says, where no script does it; what cannot be kept is shown again, with why."""
    order, question = read_patch(indicator), read_question()
    try:
        (outcome,) = web.run(commands.patch_ratings, id, order)
        if outcome.outcome in ("saved", "unchanged") and question:
            web.run(commands.ask, id, indicator, question)
    except Invalid as refused:
        found = web.query(queries.get_desk, caller(), id, indicator)
        return show_desk(found, refused=refused), refused.status
    if outcome.outcome not in ("saved", "unchanged"):
        found = web.query(queries.get_desk, caller(), id, indicator)
        return show_desk(found, outcome=outcome), HTTPStatus.UNPROCESSABLE_ENTITY
    wanted = flask.request.form.get("next", "")
    place = address(id, wanted if _CODE.fullmatch(wanted) else indicator)
    return flask.redirect(place + looking_at(), HTTPStatus.SEE_OTHER)


@blp.post("/<id>/indicators/<indicator>/question")
@audience("assessor")
def revise_question(id: str, indicator: str) -> Answer:
    """Ask the agency anew, or take the question back; where it has answered meanwhile, its answer is shown."""
    order = read_question()
    if order is None:
        raise BadRequest("This form has no question: load its page anew, then send it again.", "bad-form")
    try:
        web.run(commands.revise_question, id, indicator, order)
    except Conflict as refused:
        if refused.cause_code != "question-answered":
            raise
    return flask.redirect(address(id, indicator), HTTPStatus.SEE_OTHER)


@blp.get("/<id>/end")
@audience("assessor")
def end(id: str) -> str:
    """What is missing, what the next stage will ask, and the button that ends the task."""
    return show_end(web.query(queries.get_work, caller(), id))


@blp.post("/<id>/end")
@audience("assessor")
def finish(id: str) -> Answer:
    """Finish the task; what is missing is listed."""
    try:
        web.run(commands.finish, id, read_lease())
    except Invalid as refused:
        return show_end(web.query(queries.get_work, caller(), id)), refused.status
    return flask.redirect(f"{PLACE}?finished", HTTPStatus.SEE_OTHER)
