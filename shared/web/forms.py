"""Forms of pages: what was typed, and what came of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import flask

from shared.core.errors import AppError
from shared.web.sentences import of_error

R = TypeVar("R")


def typed(names: Iterable[str]) -> dict[str, str]:
    """What was typed into fields, without blanks around it and without those that are empty."""
    form = flask.request.form
    return {name: form[name].strip() for name in names if form.get(name, "").strip()}


def attempt(work: Callable[[], R], fields: Mapping[str, str]) -> tuple[R | None, dict[str, str], int]:
    """What came of a command; else what is wrong at the field that its code means ("": at none), and its status."""
    try:
        return work(), {}, 200
    except AppError as refused:
        return None, {fields.get(refused.cause_code, ""): of_error(refused)}, refused.status
