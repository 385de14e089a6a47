"""What a person reads when something goes wrong: what it means, what became of it, and where to go on."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import flask
from flask_babel import gettext, lazy_gettext

from shared.auth import guard
from shared.auth.sessions import SAFE
from shared.core.errors import AppError

_WORDS: Mapping[int, tuple[Any, Any]] = {
    400: (
        lazy_gettext("The request cannot be read"),
        lazy_gettext("Something was lost on its way. Go back, load the page anew and try once more."),
    ),
    401: (
        lazy_gettext("Please sign in first"),
        lazy_gettext("This page is for people who have signed in, or your session is over."),
    ),
    403: (
        lazy_gettext("This is not for your role"),
        lazy_gettext("If it should be, ask the coordinator of your agency or the ministry."),
    ),
    404: (
        lazy_gettext("Page not found"),
        lazy_gettext("The address may be mistyped, or what it led to is not there any more."),
    ),
    405: (
        lazy_gettext("This address is used otherwise"),
        lazy_gettext("Go back and use the buttons of the page."),
    ),
    408: (
        lazy_gettext("The request came too slowly"),
        lazy_gettext("Your line was too slow or broke. Try once more."),
    ),
    409: (
        lazy_gettext("It has changed meanwhile"),
        lazy_gettext(
            "Somebody else was faster, or this step is over. Load the page anew to see how it stands."
        ),
    ),
    413: (
        lazy_gettext("Too large"),
        lazy_gettext("What you sent is larger than is taken here. Send files as evidence."),
    ),
    422: (
        lazy_gettext("Something does not fit"),
        lazy_gettext("Go back and correct what is named below."),
    ),
    429: (
        lazy_gettext("Too many requests"),
        lazy_gettext("Wait a minute, then go on."),
    ),
    503: (
        lazy_gettext("Please try again in a moment"),
        lazy_gettext("Part of the system does not answer just now. It is being looked after."),
    ),
}
_OTHER = (
    lazy_gettext("Something went wrong"),
    lazy_gettext("The fault is on our side, not yours."),
)


def page(problem: Mapping[str, Any], told: str, is_uncertain: bool) -> str:
    """The page that says a problem in the reader's language, and what was `told` in English.

    After some, something may have been changed.
    """
    title, words = _WORDS.get(problem["status"], _OTHER)
    if flask.request.url_rule is None:
        with suppress(AppError):
            guard.recognise()  # for the frame: an address that is none was guarded by nothing
    outcome = "" if flask.request.method in SAFE else gettext("Nothing was changed.")
    if is_uncertain:
        outcome = gettext("What you sent may have been carried out: look before you send it again.")
    return flask.render_template(
        "error.html", problem=problem, told=told, title=title, words=words, outcome=outcome
    )
