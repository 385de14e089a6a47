"""Forms of people: what was typed, moments in WIB, and what is wrong with which field."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import flask
from marshmallow import Schema, ValidationError

from shared.core.errors import AppError
from shared.web.sentences import of_error
from shared.web.zones import WIB

R = TypeVar("R")


def typed(names: Iterable[str]) -> dict[str, str]:
    """What was typed into fields, without blanks around it and without those that are empty."""
    form = flask.request.form
    return {name: form[name].strip() for name in names if form.get(name, "").strip()}


def load(
    schema: Schema, said: Mapping[str, Any], asks: Mapping[str, object], needs: Mapping[str, object]
) -> tuple[Any, dict[str, str]]:
    """What a form means, or what is wrong with which of its fields.

    A field whose content cannot be read is told what it asks for, one that is empty what it needs.
    """
    try:
        return schema.load(said), {}
    except ValidationError as problem:
        wrong = problem.messages_dict
        return None, {name: str(asks[name] if name in said else needs[name]) for name in wrong}


def attempt(work: Callable[[], R], fields: Mapping[str, str]) -> tuple[R | None, dict[str, str], int]:
    """What came of a command; else what is wrong at the field that its code means ("": at none), and its status."""
    try:
        return work(), {}, 200
    except AppError as refused:
        return None, {fields.get(refused.cause_code, ""): of_error(refused)}, refused.status


def local(at: datetime | None) -> str:
    """A moment as a field for moments holds it, in WIB."""
    if at is None:
        return ""
    there = at.astimezone(WIB)
    return f"{there:%Y-%m-%dT%H:%M:%S}" if there.second else f"{there:%Y-%m-%dT%H:%M}"
