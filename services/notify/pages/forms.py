"""The forms of subscriptions: what they say, and what is wrong with which field."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import flask
from flask_babel import lazy_gettext
from marshmallow import Schema, ValidationError

from services.notify.commands.subscriptions import CATALOGUE
from services.notify.domain import EVERY_TYPE, MINISTRY, ChangeOrder, Subscription, SubscriptionOrder
from services.notify.schemas import ChangeInput, RotationInput, SubscriptionInput
from shared.core import reading
from shared.web.forms import typed

FIELDS = ("name", "url", "agency", "which")
SOME = "some"
PLACES = {
    "already-exists": "name",
    "bad-url": "url",
    "unknown-agency": "agency",
    "unknown-types": "types",
    "foreign-scope": "agency",
}
"""At which field the cause of a refusal stands."""
WORDS = {
    "name": lazy_gettext("Write one line of at most 100 characters."),
    "url": lazy_gettext("Write an address such as https://example.go.id/hook, of at most 500 characters."),
    "agency": lazy_gettext("Write the id of an agency, such as kota-denpasar, or nothing."),
    "types": lazy_gettext("Choose at least one type, or all."),
}
"""What a field asks for, when what stands in it is something else."""
_FIELD_OF = {"scope": "agency"}

Wrong = dict[str, str]


def offered() -> list[str]:
    """Every type that can be subscribed to, by its name."""
    return sorted(type for type, feeds in CATALOGUE.items() if feeds)


def said() -> dict[str, Any]:
    """What the form of a subscription says, as it is shown again."""
    return {"which": "all", **typed(FIELDS), "types": flask.request.form.getlist("types")}


def shown(subscription: Subscription) -> dict[str, Any]:
    """What is stored, as the form shows it."""
    which = "all" if subscription.types == EVERY_TYPE else SOME
    url, types = subscription.url or "", list(subscription.types)
    return {"url": url, "which": which, "types": types, "rev": str(subscription.rev)}


def read_new(form: Mapping[str, Any]) -> tuple[SubscriptionOrder | None, Wrong]:
    """The new subscription that a form asks for, or what is wrong."""
    sent = {"name": form.get("name", ""), "scope": form.get("agency", MINISTRY), **_common(form)}
    return _load(SubscriptionInput(), sent)


def read_change(form: Mapping[str, Any]) -> tuple[ChangeOrder | None, Wrong]:
    """The change that a form asks for, or what is wrong."""
    return _load(ChangeInput(), _common(form))


def read_keep() -> timedelta:
    """How long the secret before the new one still signs: the usual time, or not at all."""
    is_stolen = "stolen" in flask.request.form
    keep: timedelta = RotationInput().load({"keep_hours": 0} if is_stolen else {})
    return keep


def read_rev() -> int:
    """The version that whoever sent the form saw; 0 where it names none."""
    return reading.whole(flask.request.form.get("rev", "")) or 0


def _common(form: Mapping[str, Any]) -> dict[str, Any]:
    types: Any = form["types"] if form["which"] == SOME else "*"
    return {"url": form.get("url") or None, "types": types}


def _load(schema: Schema, sent: Mapping[str, Any]) -> tuple[Any, Wrong]:
    try:
        return schema.load(sent), {}
    except ValidationError as problem:
        fields = [_FIELD_OF.get(name, name) for name in problem.messages_dict]
        return None, {name: str(WORDS[name]) for name in fields}
