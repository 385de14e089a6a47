"""What the pages of notify have in common: their frame, and how things are called."""

from pathlib import Path
from typing import Any

import flask
from flask_babel import lazy_gettext

from services.notify.pages.words import said_reason
from shared.web.frame import OPERATIONS, ministry_frame
from shared.web.requests import arrived

TEMPLATES = Path(__file__).parents[1] / "templates"
PLACE, DELIVERIES = "/notify/subscriptions", "/notify/deliveries"
ROWS = 50
LONGEST_CURSOR = 2000
STATES = {
    "enabled": lazy_gettext("on"),
    "pending": lazy_gettext("waits for its test"),
    "disabled": lazy_gettext("off"),
    "closed": lazy_gettext("closed"),
}
"""How the states of a subscription are called."""
OUTCOMES = {
    "waiting": lazy_gettext("on its way"),
    "delivered": lazy_gettext("delivered"),
    "parked": lazy_gettext("waits for you"),
}
"""How the states of a delivery are called."""


def render(template: str, **values: Any) -> str:
    """A page of notify for the ministry."""
    return flask.render_template(
        f"notify/{template}",
        **ministry_frame(OPERATIONS),
        place=PLACE,
        deliveries_place=DELIVERIES,
        subscription_states=STATES,
        outcomes=OUTCOMES,
        said_reason=said_reason,
        now=arrived(),
        **values,
    )


def after() -> str | None:
    """Behind which row a list goes on, as the address says it."""
    return flask.request.args.get("after", "")[:LONGEST_CURSOR] or None
