"""An assessor's queue: what it holds and until when, what it may claim, and why that is there."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import flask
from flask_babel import gettext, ngettext

from services.review import commands, queries
from services.review.domain import Case, ReleaseOrder
from services.review.queries import QueuedTask
from shared import web
from shared.auth.guard import audience, caller
from shared.core import reading
from shared.core.errors import Conflict, NotFound
from shared.core.settings import Settings
from shared.instrument import Edition
from shared.web.instruments import said
from shared.web.roles import role_name

TEMPLATES = Path(__file__).parents[1] / "templates"
PLACE, ME = "/review/tasks", "/review/me"
LONGEST_ID = 100
Answer = flask.typing.ResponseReturnValue


def blueprint(settings: Settings) -> flask.Blueprint:
    """The queue with its claims, which last for as long as the settings say, and releases."""
    pages = flask.Blueprint("queue", __name__, template_folder=str(TEMPLATES))
    length = timedelta(seconds=settings.review_lease)

    @pages.get("/tasks")
    @audience("assessor")
    def queue() -> str:
        """What the caller holds and what it may claim."""
        return _page()

    @pages.post("/tasks/<id>/claim")
    @web.counted("120/minute")
    @audience("assessor")
    def claim_on_page(id: str) -> Answer:
        """Lease a task to the caller."""
        try:
            web.run(commands.claim, id, length)
        except (Conflict, NotFound) as refused:
            return to_queue(refused)
        return flask.redirect(f"{PLACE}/{id}", HTTPStatus.SEE_OTHER)

    @pages.post("/tasks/<id>/release")
    @audience("assessor")
    def release_on_page(id: str) -> Answer:
        """Give a task back."""
        fence = reading.whole(flask.request.form.get("fence", "")[:16]) or 0
        try:
            web.run(commands.release, id, ReleaseOrder(fence, None))
        except (Conflict, NotFound) as refused:
            return to_queue(refused)
        return flask.redirect(PLACE, HTTPStatus.SEE_OTHER)

    return pages


def navigation(here: str) -> list[dict[str, Any]]:
    """The pages of an assessor, with where it is."""
    places = ((PLACE, gettext("Tasks")), (ME, gettext("My appointment")))
    return [{"text": text, "href": href, "active": href == here} for href, text in places]


def stage_of(edition: Edition, case: Case, code: str) -> str:
    """How a stage of a case is called."""
    stages = edition.activity(case.activity).stages
    return next((said(stage.name) for stage in stages if stage.code == code), code)


def to_queue(refused: Conflict | NotFound) -> Answer:
    """The queue, saying why a task is not to be had, or not held any more."""
    return _page(_refusal(refused)), refused.status


def _page(trouble: str = "") -> str:
    after = flask.request.args.get("after", "")[:LONGEST_ID]
    found = web.query(queries.get_queue, caller(), after or None)
    last = found.open.rows[-1].task.id if found.open.more else ""
    return flask.render_template(
        "review/queue.html",
        navigation=navigation(PLACE),
        role=role_name("assessor"),
        trouble=trouble,
        finished="finished" in flask.request.args,
        held=[_row(one) for one in found.held],
        open=[_row(one) for one in found.open.rows],
        place=PLACE,
        first=PLACE if after else "",
        next=f"{PLACE}?after={last}" if last else "",
    )


def _row(one: QueuedTask) -> dict[str, Any]:
    return {
        "task": one.task,
        "agency": one.agency,
        "stage": stage_of(one.edition, one.case, one.task.stage),
        "why": _why(one),
        "answered": one.answered,
    }


def _why(one: QueuedTask) -> str:
    """Why there is a task: what its stage rates."""
    if one.task.questions:
        text = ngettext(
            "%(num)d indicator was marked for clarification in the stage before",
            "%(num)d indicators were marked for clarification in the stage before",
            one.task.asked,
        )
    else:
        text = ngettext(
            "%(num)d indicator of the submission is to be rated",
            "%(num)d indicators of the submission are to be rated",
            one.task.asked,
        )
    return str(text)


def _refusal(why: Conflict | NotFound) -> str:
    """What became of a task that is not to be had, or not held any more."""
    told = {
        "task-taken": gettext("Somebody else holds this task now. Choose another open one."),
        "task-finished": gettext("This task is finished: nobody can claim it any more."),
        "lost-lease": gettext(
            "You do not hold this task any more. What you had saved is there again when you claim it."
        ),
    }
    return str(
        told.get(why.cause_code, gettext("There is no such task among those that you may take or hold."))
    )
