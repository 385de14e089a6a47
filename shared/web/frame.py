"""What the frame of every page needs to know: who reads, in which language, where, and whom to ask."""

from typing import Any
from urllib.parse import urlencode

import flask
from flask_babel import gettext

from shared.auth import guard
from shared.auth.sessions import SIGN_IN
from shared.core.people import AGENCY_ROLES
from shared.web import zones
from shared.web.language import chosen
from shared.web.roles import role_name

NAMES = {"id": "Bahasa Indonesia", "en": "English"}
SIGN_OUT, SEARCH, PROFILE = "/intake/sign-out", "/intake/search", "/intake/profile"
GUIDES = "/intake/guides/"
OPERATIONS = "/intake/operations"
"""Where an officer begins to look after what all services do and have done, keys and subscriptions among it."""


def ministry_navigation(here: str) -> list[dict[str, Any]]:
    """The pages of the ministry, whichever service serves them, with where somebody is."""
    places = (
        ("/intake/cycles", gettext("Cycles")),
        ("/intake/agencies", gettext("Agencies")),
        ("/review/assessors", gettext("Assessors")),
        ("/review/cases", gettext("Cases")),
        ("/scoring/scores", gettext("Results")),
        ("/intake/editions", gettext("Editions")),
        ("/intake/people", gettext("People")),
        (OPERATIONS, gettext("Operations")),
    )
    return [{"text": text, "href": href, "active": href == here} for href, text in places]


def ministry_frame(here: str) -> dict[str, Any]:
    """What the frame around a page of the ministry shows."""
    return {"navigation": ministry_navigation(here), "role": role_name("ministry")}


def init_app(app: flask.Flask, name: str, contact: str) -> None:
    """Give every template what its frame needs."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {
            "lang": chosen(),
            "languages": NAMES,
            "own": f"/{name}",
            "language_path": f"/{name}/language",
            "here": _here(),
            "person": flask.g.get("session"),
            "contact": contact,
            "sign_in_path": SIGN_IN,
            "sign_out_path": SIGN_OUT,
            "profile_path": PROFILE,
            "guides_path": GUIDES,
            "zone": zones.chosen_zone(),
            "zone_name": zones.reader_zone().tzname(None),
            "search_path": SEARCH if (label := _search_label()) else None,
            "search_label": label,
        }


def _search_label() -> str:
    """What whoever has signed in may search; empty where there is nothing."""
    if not flask.g.get("session"):
        return ""
    if guard.caller().has(*AGENCY_ROLES):
        return str(gettext("Search indicators, answers, files"))
    return str(gettext("Search agencies, people")) if guard.caller().has("ministry") else ""


def _here() -> str:
    """The address of the present page without the language that it may ask for."""
    request = flask.request
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
