"""The keys that sign: which count, which are to be revoked, and what whoever holds their files does for that."""

import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import gettext, lazy_gettext

from services.intake import commands, queries
from services.intake.domain.revocations import Revocation, RevocationOrder
from services.intake.pages.home import TEMPLATES
from shared import web
from shared.auth import guard
from shared.auth.guard import audience, caller
from shared.core import reading
from shared.core.canonical import timestamp
from shared.core.errors import Conflict, Invalid, NotFound
from shared.signing.keys import PublicKey
from shared.web.frame import OPERATIONS, ministry_frame
from shared.web.zones import reader_zone

PLACE = "/intake/keys"
PURPOSES = {
    "receipts": lazy_gettext("signs receipts"),
    "sessions": lazy_gettext("vouches for who has signed in"),
    "webhooks": lazy_gettext("signs what subscribers get"),
    "links": lazy_gettext("signs links to evidence"),
}
EARLIEST = 2000
"""A year before which there were no keys."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
pages = flask.Blueprint("keys", __name__, template_folder=str(TEMPLATES))


@pages.get("/keys")
@audience("ministry")
def keys() -> str:
    """Every key, and what is proposed and ordered."""
    return _page()


@pages.post("/keys/<kid>/revocation")
@web.counted("30/hour")
@audience("ministry")
def propose(kid: str) -> flask.typing.ResponseReturnValue:
    """Propose to revoke a key."""
    _known(kid)
    try:
        web.run(commands.propose_revocation, kid, _order())
    except (Invalid, Conflict) as refused:
        return _page(kid, _error(refused)), HTTPStatus.UNPROCESSABLE_ENTITY
    return flask.redirect(PLACE, HTTPStatus.SEE_OTHER)


@pages.post("/keys/<kid>/confirmation")
@audience("ministry")
def confirm(kid: str) -> flask.typing.ResponseReturnValue:
    """Confirm what another officer proposed."""
    web.run(commands.confirm_revocation, kid, reading.whole(flask.request.form.get("rev", "")))
    return flask.redirect(PLACE, HTTPStatus.SEE_OTHER)


def _page(kid: str = "", error: str = "") -> str:
    known, now = _keys(), web.arrived()
    found, names = web.query(queries.list_revocations)
    return flask.render_template(
        "intake/keys.html",
        keys=[
            (key, _state(key, now)) for key in sorted(known.values(), key=lambda one: (one.service, one.kid))
        ],
        proposed=[one for one in found if not one.confirmed],
        ordered=[(one, _command(one, known[one.id], now)) for one in found if _is_to_be_done(one, known)],
        names=names,
        purposes=PURPOSES,
        me=caller().id,
        wrong=(kid, error),
        typed=flask.request.form,
        zone=reader_zone().tzname(None),
        **ministry_frame(OPERATIONS),
    )


def _keys() -> Mapping[str, PublicKey]:
    return guard.sessions_of_app().keys.read()


def _known(kid: str) -> PublicKey:
    try:
        return _keys()[kid]
    except KeyError:
        raise NotFound("No key is called so.") from None


def _state(key: PublicKey, now: datetime) -> str:
    if key.revoked:
        return "revoked"
    if now < key.start:
        return "planned"
    return "on" if key.until is None or now < key.until else "over"


def _is_to_be_done(one: Revocation, known: Mapping[str, PublicKey]) -> bool:
    """Whether the list of keys does not say yet what was ordered."""
    key = known.get(one.id)
    return bool(one.confirmed and key and not (key.revoked and key.revoked <= one.since))


def _command(one: Revocation, key: PublicKey, now: datetime) -> str:
    """What whoever holds the key files runs: with a new key where this one is in use."""
    what = f"rotate --service {key.service}" if _state(key, now) == "on" else f"revoke --kid {key.kid}"
    return f"nilai keys {what} --folder FOLDER --stolen-since {timestamp(one.since)}"


def _order() -> RevocationOrder:
    form = flask.request.form
    said = form.get("since", "")
    try:
        at = datetime.fromisoformat(said) if _MOMENT.fullmatch(said) else None
    except ValueError:
        at = None
    if at is None or at.year < EARLIEST:
        raise Invalid("The moment cannot be read.", "bad-revocation")
    reason = form.get("reason", "").replace("\r\n", "\n")
    return RevocationOrder(at.replace(tzinfo=reader_zone()), reason)


def _error(refused: Any) -> str:
    """What is wrong, in the reader's language."""
    if isinstance(refused, Conflict):
        return str(gettext("This key is to be revoked from an earlier moment on already."))
    return str(gettext("Name a moment that is over, and say why, in at most 500 characters."))
