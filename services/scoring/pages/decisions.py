"""Approving and publishing by form: first what it would come to, then the decision, then what came of each."""

from http import HTTPStatus
from urllib.parse import urlencode

import flask
from flask_babel import gettext
from marshmallow import ValidationError

from services.scoring import commands, queries
from services.scoring.domain import APPROVED, PUBLISHED
from services.scoring.pages.frame import DECISIONS, SCORES, TEMPLATES, render_for_ministry
from services.scoring.pages.publications import predicates
from services.scoring.schemas import DecisionInput
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import AppError, BadRequest
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.web.sentences import of_error

MOST = 50
"""Results that are decided on at once."""
WHAT = {"approve": APPROVED, "publish": PUBLISHED}
Answer = flask.typing.ResponseReturnValue


def blueprint(settings: Settings) -> flask.Blueprint:
    """The routes, with the key that signs publications."""
    pages = flask.Blueprint("decision-pages", __name__, template_folder=str(TEMPLATES))
    ring = KeyRing.load(settings.keys, settings.service)

    @pages.get("/decisions")
    @audience("ministry")
    def ahead() -> str:
        """What a decision on those chosen would come to, or, once it was taken, what came of it."""
        asked = flask.request.args
        return _page(asked.get("what", ""), asked.getlist("submission"), done=asked.get("done") == "1")

    @pages.post("/decisions")
    @audience("ministry")
    def decide() -> Answer:
        """Take the decision on each of those chosen, each by itself."""
        form = flask.request.form
        what, submissions = form.get("what", ""), form.getlist("submission")
        _check(what, submissions)
        try:
            note = form.get("note", "").replace("\r\n", "\n").strip()
            order = DecisionInput().load({"note": note or None})
        except ValidationError:
            wrong = {"note": gettext("Write at most 2,000 characters, all of which can be seen.")}
            return _page(what, submissions, wrong=wrong), HTTPStatus.UNPROCESSABLE_ENTITY
        for submission in dict.fromkeys(submissions):
            try:
                if what == "approve":
                    web.run(commands.approve, submission, order)
                else:
                    web.run(commands.publish, submission, order, ring)
            except AppError:
                continue  # the page that follows finds out again, and says, what stands against it
        asked = [("what", what), ("done", "1"), *(("submission", one) for one in submissions)]
        return flask.redirect(f"{DECISIONS}?{urlencode(asked)}", HTTPStatus.SEE_OTHER)

    return pages


def _check(what: str, submissions: list[str]) -> None:
    if what not in WHAT:
        raise BadRequest(f"what is one of {', '.join(WHAT)}.", "bad-parameter")
    if len(submissions) > MOST:
        raise BadRequest(f"At most {MOST} results are decided on at once: choose fewer.", "bad-parameter")


def _page(what: str, submissions: list[str], done: bool = False, wrong: dict[str, str] | None = None) -> str:
    _check(what, submissions)
    found = web.query(queries.look_ahead, caller(), list(dict.fromkeys(submissions)), WHAT[what])
    return render_for_ministry(
        "decisions.html",
        breadcrumbs=[{"text": gettext("Results"), "href": SCORES}],
        what=what,
        found=found,
        predicates=predicates(found.editions),
        refusal=of_error,
        done=done,
        wrong=wrong or {},
        typed=flask.request.form,
        open_=[one for one in found.outlooks if one.is_open],
    )
