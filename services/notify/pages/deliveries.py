"""One delivery with its attempts, for the ministry."""

from http import HTTPStatus

import flask

from services.notify import commands, queries
from services.notify.pages.frame import DELIVERIES, TEMPLATES, render
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import AppError, Conflict
from shared.web.sentences import of_error

pages = flask.Blueprint("delivery-pages", __name__, template_folder=str(TEMPLATES))


@pages.get("/deliveries/<id>")
@audience("ministry")
def delivery(id: str) -> str:
    """What became of one event, attempt by attempt."""
    return _page(id)


@pages.post("/deliveries/<id>/retry")
@web.counted("300/minute")
@audience("ministry")
def retry(id: str) -> flask.typing.ResponseReturnValue:
    """Try again now, whatever became of it."""
    try:
        web.run(commands.retry, id)
    except Conflict as refused:
        return _page(id, refused), refused.status
    return flask.redirect(f"{DELIVERIES}/{id}?done=retried", HTTPStatus.SEE_OTHER)


def _page(id: str, refused: AppError | None = None) -> str:
    found = web.query(queries.get_delivery, caller(), id)
    subscription, _ = web.query(queries.get_subscription, caller(), found.delivery.subscription)
    return render(
        "delivery.html",
        found=found,
        subscription=subscription,
        problem=of_error(refused) if refused else "",
        is_retried=flask.request.args.get("done") == "retried",
    )
