"""What several doors do alike: ids in paths, versions of things that two people may change, pages by id."""

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import flask

from services.intake.schemas import AGENCY_ID, CYCLE_ID
from shared import web
from shared.errors import Invalid


class Versioned(Protocol):
    """What has a version."""

    @property
    def rev(self) -> int: ...


T = TypeVar("T", bound=Versioned)


def seen() -> int | None:
    """The version that a PUT says it changes, or None when it says none."""
    return web.if_match() if "If-Match" in flask.request.headers else None


def versioned(shown: Any, rev: int) -> tuple[Any, int, dict[str, str]]:
    """The answer to a PUT: 201 for the first version, 200 for any other."""
    status = HTTPStatus.CREATED if rev == 1 else HTTPStatus.OK
    return shown, status, {"ETag": web.etag(rev)}


def tagged(thing: T) -> tuple[T, dict[str, str]]:
    """The answer to a GET of a thing that has versions."""
    return thing, {"ETag": web.etag(thing.rev)}


def checked(id: str, pattern: str) -> str:
    """An id in the path of something that is to be made; Invalid when it does not fit."""
    if re.fullmatch(pattern, id) is None:
        raise Invalid(f"The id {id[:80]!r} must look like {pattern}.", "bad-id")
    return id


def split(participation: str) -> tuple[str, str]:
    """The cycle and the agency in the id of a participation; Invalid when it is none."""
    checked(participation, rf"{CYCLE_ID}\.{AGENCY_ID}")
    cycle, _, agency = participation.partition(".")
    return cycle, agency


def after_id(query: dict[str, Any]) -> str | None:
    """The id after which a page goes on."""
    after = web.position(query["after"], str)
    return str(after[0]) if after else None


def by_id(rows: Sequence[Any], query: dict[str, Any], id: Callable[[Any], str]) -> dict[str, Any]:
    """A page of rows by id."""
    return web.page(rows, lambda row: (id(row),), query["limit"])
