"""Forms of the ministry: what was typed, moments in WIB, and what is wrong with which field."""

from collections.abc import Mapping
from typing import Any

import flask
from flask_babel import gettext, lazy_gettext
from marshmallow import Schema

from services.intake.domain import GROUPS
from services.intake.domain.rounds import MOST_CLARIFICATION_DAYS
from shared.core import reading
from shared.web import forms
from shared.web.forms import attempt, local, typed
from shared.web.zones import ZONES

__all__ = ["LABELS", "NEEDS", "WORDS", "attempt", "done", "groups", "load", "local", "typed", "zones"]

LABELS = {
    "id": lazy_gettext("Id"),
    "name": lazy_gettext("Name"),
    "group": lazy_gettext("Group"),
    "since": lazy_gettext("Exists since"),
    "deadline": lazy_gettext("Deadline"),
    "title": lazy_gettext("Title"),
    "edition": lazy_gettext("Edition"),
    "opens": lazy_gettext("Opens"),
    "bytes_until": lazy_gettext("Files may follow until"),
    "max_file": lazy_gettext("One file"),
    "quota": lazy_gettext("All files of an agency"),
    "types": lazy_gettext("Kinds of files"),
    "clarification_days": lazy_gettext("Days to answer a question"),
    "reason": lazy_gettext("Reason"),
}
"""How fields that must be filled in are called."""
NEEDS = {name: lazy_gettext("Fill in: %(field)s.", field=label) for name, label in LABELS.items()}
"""What a field is told that is empty."""
WORDS = {
    "participations": lazy_gettext("Choose at least one agency in the list."),
    "deadline": lazy_gettext("Write a moment, such as 2026-01-31 23:59 or 31 January 2026 23:59."),
    "bytes_until": lazy_gettext("Write a moment, such as 2026-01-31 23:59 or 31 January 2026 23:59."),
    "reason": lazy_gettext("Write one line of at most 2,000 characters."),
    "id": lazy_gettext(
        "Write small letters, digits and hyphens, a letter or digit first, such as kota-contoh."
    ),
    "name": lazy_gettext("Write one line of at most 300 characters, all of which can be seen."),
    "title": lazy_gettext("Write one line of at most 300 characters, all of which can be seen."),
    "group": lazy_gettext("Choose a group from the list."),
    "zone": lazy_gettext("Choose a zone from the list."),
    "since": lazy_gettext("Write a moment, such as 2026-01-31 23:59 or 31 January 2026 23:59."),
    "until": lazy_gettext("Write a moment, such as 2026-01-31 23:59 or 31 January 2026 23:59."),
    "opens": lazy_gettext("Write a moment, such as 2026-01-31 23:59 or 31 January 2026 23:59."),
    "edition": lazy_gettext("Choose an edition from the list."),
    "max_file": lazy_gettext("Write a number of megabytes, such as 20."),
    "quota": lazy_gettext("Write a number of megabytes, such as 2000."),
    "types": lazy_gettext("Choose at least one kind of files."),
    "clarification_days": lazy_gettext(
        "Write a number of days from 1 to %(most)s.", most=MOST_CLARIFICATION_DAYS
    ),
}
"""What a field asks for, when what stands in it is something else."""


def done() -> dict[str, int | None]:
    """What an import did that led here, as the address says it."""
    return {name: reading.whole(flask.request.args.get(name, "")) for name in ("set", "unchanged")}


def load(
    schema: Schema, said: Mapping[str, Any], words: Mapping[str, object] | None = None
) -> tuple[Any, dict[str, str]]:
    """What a form means, or what is wrong with which of its fields; `words` go before those that all forms have."""
    return forms.load(schema, said, {**WORDS, **(words or {})}, NEEDS)


def groups() -> list[dict[str, str]]:
    """The groups of agencies to choose from."""
    return [{"value": group, "text": group} for group in GROUPS]


def zones() -> list[dict[str, str]]:
    """The zones of Indonesia to choose from."""
    names = [{"value": name, "text": f"{zone}: {name}"} for name, zone in ZONES.items()]
    return [{"value": "", "text": str(gettext("not told: WIB"))}, *names]
